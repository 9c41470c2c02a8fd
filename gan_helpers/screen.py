"""Where a training shows itself: in a notebook, on a terminal, or nowhere."""

import contextlib
import sys

from gan_helpers import live
from gan_helpers.controls import Controls


class NoScreen:
    """Shows nothing: a script whose output goes to a file."""

    def begin(self, run) -> None:
        """Before the first step."""

    def look(self, run, elapsed: float) -> None:
        """After each step, `elapsed` seconds into the run."""

    def paused(self, run) -> None:
        """When a pause begins."""

    def resumed(self, run) -> None:
        """When a pause ends."""

    def end(self, run, headline: str, history) -> None:
        """After the last step: `headline` says how it ended, `history` holds what to draw."""

    def left(self, run, headline: str) -> None:
        """When the loop was left half-way: be quick."""


class Terminal(NoScreen):
    """A progress bar on stderr."""

    def begin(self, run) -> None:
        from tqdm import tqdm

        total = run.last_step - run.step if run.last_step < float("inf") else None
        self._bar = tqdm(total=total, unit="step", file=sys.stderr)

    def look(self, run, elapsed: float) -> None:
        self._bar.update()

    def end(self, run, headline: str, history) -> None:
        self.left(run, headline)

    def left(self, run, headline: str) -> None:
        self._bar.close()
        print(headline, file=sys.stderr)


class Notebook(NoScreen):
    """The live view with the controls above it."""

    def __init__(self, show, requests, learning_rates: dict[str, float], first_rates: dict[str, float]):
        self._view = live.LiveView(show)
        self._controls = Controls(requests, learning_rates, first_rates)
        self._pacer = live.Pacer(live.SHARE, live.AT_LEAST)

    def begin(self, run) -> None:
        self._controls.display()
        began = run.clock()
        self._draw(run, _moment(run))
        # Something to look at from the start; it does not count, but tells how long a picture takes.
        self._pacer.took(0.0, run.clock() - began)

    def look(self, run, elapsed: float) -> None:
        if self._pacer.due(elapsed):
            self._draw(run, _moment(run))
            self._pacer.took(elapsed, run.elapsed())
        self._controls.refresh(elapsed, run.share, run.status)

    def paused(self, run) -> None:
        self._draw(run, f"paused · {_moment(run)}")
        self._controls.line(f"paused at step {run.step:,}")

    def resumed(self, run) -> None:
        self._controls.line(run.status())

    def end(self, run, headline: str, history) -> None:
        self._draw(run, headline, history)
        self._controls.end(headline, run.share())

    def left(self, run, headline: str) -> None:
        with contextlib.suppress(Exception):  # whatever made the loop end matters more
            self._view.say(headline)
            self._controls.end(headline, run.share())

    def _draw(self, run, headline: str, history=None) -> None:
        with run.undisturbed():
            self._view.draw(history or run.log_book, headline, parts=_parts())


def screen_for(show, requests, learning_rates: dict[str, float], first_rates: dict[str, float]) -> NoScreen:
    """The screen that fits the place this code runs in."""
    if live.in_notebook():
        return Notebook(show, requests, learning_rates, first_rates)
    return Terminal() if sys.stderr is not None and sys.stderr.isatty() else NoScreen()


def _moment(run) -> str:
    """What the picture shows; the line beside the bar, which is newer, says the rest."""
    return f"the picture of step {run.step:,}"


def _parts() -> str:
    """Whose functions run: the attendee's or the reference."""
    try:
        from gan_helpers.exercises import parts_line
    except ImportError:
        return ""
    return parts_line()
