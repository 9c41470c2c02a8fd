"""The training clock of the notebooks: batches within a budget of minutes and steps, shown live, stopped politely.

run = training(digits, nets, opts, minutes=3, steps=6000, show=draw)
for step, real in run:
    loss_d = discriminator_step(real, nets, opts)
    loss_g = generator_step(real, nets, opts)
    run.log(loss_d=loss_d, loss_g=loss_g)
"""

import contextlib
import math
import sys
import time
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path

import torch

from gan_helpers import checkpoint as checkpoints
from gan_helpers import live
from gan_helpers.batches import Batches
from gan_helpers.controls import Requests
from gan_helpers.history import History
from gan_helpers.interrupt import PoliteInterrupt
from gan_helpers.pairs import check_pair, device_of, learning_rates, set_learning_rate, undisturbed
from gan_helpers.progress import progress_of
from gan_helpers.runtime import pace, threads_for
from gan_helpers.screen import NoScreen, screen_for

CI_STEPS = 4  # at pace "ci"
FULL_FACTOR = 20  # at pace "full" a budget is so many times larger
SNAPSHOT_SHARE = 0.02  # of the time may go into copies to fall back on
CHECKPOINT_EVERY = 60.0  # seconds
PAUSE_LOOK = 0.1  # seconds between two looks at the interrupt flag during a pause


def training(
    data: torch.Tensor,
    nets,
    opts,
    *,
    minutes: float | None = 3.0,
    steps: int | None = None,
    batch: int = 128,
    seed: int = 0,
    rows: bool | torch.Tensor = False,
    show: Callable | None = None,
    record: Callable | None = None,
    every: int | None = None,
    checkpoint=None,
    stand_in: Callable | None = None,
    sliders: bool = True,
    now: Callable[[], float] = time.monotonic,
) -> "Training":
    """A training on the clock: loop over it to get (step, real) until the budget is used up or somebody stops it.

    The same `nets` and `opts` again go on where they stopped, with a fresh budget; new ones start over.

    data        what is real: (N, ...) uint8, or float32 in [-1, 1]
    nets, opts  the networks and their optimizers: two NamedTuples with the same fields, such as
                GAN(generator, discriminator)
    minutes     budget of time, pauses not counted; None for no limit
    steps       budget of steps; whichever is used up first ends the loop. At pace "ci" at most 4 steps are taken, at
                pace "full" both budgets are 20 times as large
    batch       samples in each `real`
    seed        decides the order of the data, and nothing else
    rows        each turn gives (step, rows), where the samples stand in `data`, for data that has more to it; a tensor
                of them: the rows that an epoch deals, some more often than others
    show        show(ax) draws into the live view; a sentence it returns is printed below
    record      record() returns what should be kept of this moment; `run.records` lists (step, record()) from before
                the first step, from each `every` steps, and from the end
    checkpoint  a file to keep everything in: written each minute and at the end, replaced in one piece. Networks that
                are new in this session go on from it when it exists
    stand_in    called at pace "ci" after the last step, to load shipped weights in place of hardly trained ones
    sliders     whether the controls show the learning rates, and change them
    now         the clock, in seconds

    Neither `show` nor `record` changes the training: random state, buffers and train/eval modes are put back.
    Raises TypeError or ValueError for an argument that does not fit.
    """
    return Training(
        data,
        nets,
        opts,
        minutes=minutes,
        steps=steps,
        batch=batch,
        seed=seed,
        rows=rows,
        show=show,
        record=record,
        every=every,
        checkpoint=checkpoint,
        stand_in=stand_in,
        sliders=sliders,
        now=now,
    )


class Training:
    """What `training` returns: iterate it to train, read it to see what came of it.

    step        finished steps, those of earlier runs of the same networks among them
    history     name -> list of what was logged, a row a step; the numbers of the steps are under "step"
    records     list of (step, whatever `record()` returned)
    seconds     how long the last run took, pauses left out
    stopped_by  why it ended: "steps", "minutes", "stop" (the button), "interrupt", "nan" (a loss was not finite), or
                "left" (a break or an error inside the loop); None while it runs and before
    notes       what else there was to say
    requests    what the controls set: stop(), pause(), resume(), set_learning_rate(name, value), from any thread
    """

    def __init__(
        self,
        data,
        nets,
        opts,
        *,
        minutes,
        steps,
        batch,
        seed,
        rows,
        show,
        record,
        every,
        checkpoint,
        stand_in,
        sliders,
        now,
    ):
        check_pair(nets, opts)
        for name, value in {"show": show, "record": record, "stand_in": stand_in}.items():
            if value is not None and not callable(value):
                raise TypeError(f"{name} should be a function, not {value!r}. Give its name, without parentheses.")
        if every is not None and (isinstance(every, bool) or not isinstance(every, int) or every < 1):
            raise ValueError(f"every should be a whole number of steps from 1 on, not {every!r}.")
        if checkpoint is not None and Path(checkpoint).is_dir():
            raise ValueError(f"checkpoint should be the path of a file; {checkpoint} is a folder.")
        self._seconds_allowed, self._steps_allowed = budget(minutes, steps)
        dealt = rows if isinstance(rows, torch.Tensor) else None
        self._batches = Batches(data, batch, seed=seed, device=device_of(nets), rows=dealt)
        self._deal = self._batches.next if rows is False else self._batches.next_rows
        self._nets, self._opts = nets, opts
        self._show, self._record, self._every = show, record, every
        self._checkpoint = None if checkpoint is None else Path(checkpoint)
        self._sliders = sliders
        self._stand_in = stand_in if pace() == "ci" else None

        self._progress = progress_of(nets, opts)
        self._running = False
        self._in_step: int | None = None
        self._interrupt = PoliteInterrupt()
        self.requests = Requests()
        self.clock = now
        self.last_step = math.inf
        self.stopped_by: str | None = None
        self.notes: list[str] = []
        self._screen = NoScreen()
        self._snapshot: tuple[int, dict] | None = None
        self._start_clock()
        self._ended_after = 0.0

    @property
    def seconds(self) -> float:
        return self.elapsed()

    @property
    def step(self) -> int:
        return self._progress.step

    @property
    def history(self) -> dict[str, list]:
        return self._progress.history.read()

    @property
    def records(self) -> list[tuple]:
        return self._progress.records

    @property
    def stopping(self) -> bool:
        """Whether somebody asked for the end: no further step begins."""
        return self.requests.stopped or self._interrupt.asked

    def log(self, **values) -> None:
        """Note the losses of the step under way: numbers or 0-d tensors, by name.

        A loss that is NaN or infinite ends the loop: networks and optimizers go back to a state from before, and a
        message says what to try. In a notebook that is no error; in a script FloatingPointError is raised.
        """
        if self._in_step is None:
            raise RuntimeError("log belongs inside the loop `for step, real in run:`; no step is under way.")
        self._progress.history.log(self._in_step, values)

    def __iter__(self) -> Iterator[tuple[int, torch.Tensor]]:
        if self._running:
            raise RuntimeError("This training is running already: one loop at a time. Call training(...) for another.")
        loop = self._loop()
        self._loop_ref = weakref.ref(loop)  # weak: a `break` in the cell must still end it there and then
        return loop

    def __repr__(self) -> str:
        state = "running" if self._running else f"ended by {self.stopped_by}" if self.stopped_by else "not started"
        return f"<training at step {self.step:,}, {state}>"

    # How it stands, for the screen.

    def elapsed(self) -> float:
        """Seconds since the first step of this run, pauses left out."""
        if self._ended_after is not None:
            return self._ended_after
        return (self.clock() if self._pause_began is None else self._pause_began) - self._began - self._paused_for

    def share(self) -> float:
        """The share of the budget that is used up, in [0, 1]."""
        done = (self.step - self._first_step) / self._steps_allowed
        return min(1.0, max(done, self.elapsed() / self._seconds_allowed))

    def status(self) -> str:
        """One line: step, speed, time left, newest losses."""
        elapsed, done = self.elapsed(), self.step - self._first_step
        parts = [f"step {self.step:,}" + (f" of {self.last_step:,}" if self.last_step < math.inf else "")]
        left = self._seconds_allowed - elapsed
        if done and elapsed > 0:
            speed = done / elapsed
            parts.append(f"{speed:.3g} steps/s" if speed < 1000 else f"{speed:,.0f} steps/s")
            left = min(left, (self.last_step - self.step) / speed)
        if left < math.inf:
            parts.append(f"{live.duration(left)} left")
        parts += [f"{name} {value:.3f}" for name, value in self._progress.history.last().items()]
        return " · ".join(parts)

    @property
    def log_book(self) -> History:
        """The history as the object that is written to."""
        return self._progress.history

    def undisturbed(self):
        """A context in which something may look at the networks without changing the training."""
        return undisturbed(self._nets)

    # The run itself.

    def _loop(self):
        problem = ""
        with PoliteInterrupt() as self._interrupt, _closed_after_cell(self._loop_ref), threads_for(self._nets):
            self._running = True
            try:
                self._begin()
                while not (reason := self._reason_to_end()):
                    dealt = self._deal()
                    self._in_step = self.step + 1
                    yield self._in_step, dealt
                    self._finish_step()
                problem = self._end(reason)
            except BaseException as error:
                self._leave(save=isinstance(error, GeneratorExit))
                raise
            finally:
                self._running, self._in_step = False, None
        if problem and not live.in_notebook():
            raise FloatingPointError(problem)

    def _begin(self) -> None:
        progress = self._progress
        self.requests, self.stopped_by, self.notes = Requests(), None, []
        self._snapshot, self._save_failed = None, False
        self._snapshots = live.Pacer(SNAPSHOT_SHARE, live.AT_LEAST)
        self._saves = live.Pacer(live.SHARE, CHECKPOINT_EVERY)
        self._saves.took(0.0, 0.0)  # the first one after a whole interval
        if self._checkpoint is not None and not progress.begun and self._checkpoint.exists():
            stored = checkpoints.load_checkpoint(self._checkpoint, self._nets, self._opts)
            progress.step, progress.history = stored.step, History(stored.history)
            progress.data_order = stored.data_order
            self._note(
                f"Resumed from {self._checkpoint} at step {stored.step:,}, learning rates included. "
                "Delete the file to start over."
            )
        if progress.data_order is not None:
            self._batches.load_state(progress.data_order)
        began = self.clock()
        self._keep_snapshot()
        self._snapshots.took(0.0, self.clock() - began)
        if self._snapshot is None:
            raise ValueError(
                "The networks or their optimizers hold NaN or infinite numbers before the first step. "
                "Run the cells that make them again."
            )
        progress.begun = True
        self._first_step = self.step
        self.last_step = self.step + self._steps_allowed
        self._keep_record()
        rates = learning_rates(self._opts) if self._sliders else {}
        self._screen = screen_for(self._show, self.requests, rates, self._progress.first_rates)
        self._screen.begin(self)
        self._start_clock()

    def _start_clock(self) -> None:
        self._began, self._paused_for, self._pause_began = self.clock(), 0.0, None
        self._ended_after: float | None = None
        self._first_step = self.step

    def _reason_to_end(self) -> str:
        if self._progress.history.bad:
            return "nan"
        if self._interrupt.asked:
            return "interrupt"
        if self.requests.stopped:
            return "stop"
        if self.step >= self.last_step:
            return "steps"
        return "minutes" if self.elapsed() >= self._seconds_allowed else ""

    def _finish_step(self) -> None:
        self._progress.step, self._in_step = self._in_step, None
        if self._progress.history.bad:
            return
        if self._every is not None and self.step % self._every == 0:
            self._keep_record()
        elapsed = self.elapsed()
        self._screen.look(self, elapsed)
        if self._snapshots.due(elapsed):
            self._keep_snapshot()
            self._snapshots.took(elapsed, self.elapsed())
        if self._saves.due(elapsed):
            self._save()
            self._saves.took(elapsed, self.elapsed())
        if self.requests.paused and not self.stopping:
            self._pause()
        for name, value in self.requests.take_learning_rates().items():
            set_learning_rate(getattr(self._opts, name), value)

    def _pause(self) -> None:
        self._pause_began = self.clock()
        self._screen.paused(self)
        while self.requests.paused and not self.stopping:
            self.requests.wait(PAUSE_LOOK)
        self._paused_for += self.clock() - self._pause_began
        self._pause_began = None
        self._screen.resumed(self)

    def _end(self, reason: str) -> str:
        """Tidy up after the last step; what went wrong with a loss, in words, or ""."""
        self._ended_after = self.elapsed()
        progress = self._progress
        progress.history.read()  # may still bring a bad loss to light
        headline, problem, drawn = self._how_it_ended(reason), "", progress.history
        if progress.history.bad:
            reason = "nan"
            drawn = History(progress.history.read())  # the picture shows the rows that are about to go
            headline, problem = self._fall_back()
        progress.data_order = self._batches.state()
        self._save()
        if self._stand_in is not None and reason in ("steps", "minutes"):
            self._stand_in()
            headline = f'pace "ci": {self.step - self._first_step} steps, then the shipped weights stand in'
            self._keep_record(anew=True)
        else:
            self._keep_record()
        self.stopped_by, self._snapshot = reason, None
        self._screen.end(self, headline, drawn)
        if problem and live.in_notebook():
            self._note(problem)
        return problem

    def _leave(self, save: bool) -> None:
        """Tidy up when the loop was left by a break or an error, quickly."""
        progress = self._progress
        if not progress.begun:
            return
        self._ended_after = self.elapsed()
        history = progress.history.read()
        if history["step"] and history["step"][-1] == self._in_step:
            progress.step = self._in_step  # broken off after its losses were logged: a whole step
        headline = f"left at step {self.step:,}; run it again with the same networks to go on"
        if progress.history.bad:
            headline, problem = self._fall_back()
            self._note(problem)
        progress.data_order = self._batches.state()
        if save and not self._interrupt.asked:  # who pressed twice wants out
            self._save()
        self.stopped_by, self._snapshot = "left", None
        self._screen.left(self, headline)

    def _how_it_ended(self, reason: str) -> str:
        steps = f"{self.step - self._first_step:,} steps in {live.duration(self.seconds)}"
        if reason == "steps":
            return f"done: {steps}"
        if reason == "minutes":
            return f"time is up: {steps}; run it again with the same networks to go on"
        return f"stopped by you at step {self.step:,}; run it again with the same networks to go on"

    def _fall_back(self) -> tuple[str, str]:
        """Put networks and optimizers back to the last good snapshot; what happened, as a headline and in full."""
        progress = self._progress
        name, value, step = progress.history.bad
        progress.step, state = self._snapshot
        checkpoints.restore(state, self._nets, self._opts)
        progress.history.forget_after(progress.step)
        progress.records[:] = [kept for kept in progress.records if kept[0] <= progress.step]
        became = f"{name} became {'NaN (not a number)' if math.isnan(value) else 'infinite'} at step {step:,}"
        return (
            f"{became}; back at step {progress.step:,}",
            f"{became}. Networks and optimizers are back at step {progress.step:,}. What to try: a tenth of the "
            "learning rate; a look at that loss for the log of 0, a division by 0, or data outside [-1, 1]. Then run "
            "this cell again to go on.",
        )

    def _keep_snapshot(self) -> None:
        self._progress.history.read()
        if self._progress.history.bad:
            return
        state = checkpoints.capture(self._nets, self._opts)
        if checkpoints.is_finite(state):  # a weight can be NaN one step before the loss is
            self._snapshot = (self.step, state)

    def _keep_record(self, anew: bool = False) -> None:
        if self._record is None:
            return
        kept = bool(self.records) and self.records[-1][0] == self.step
        if kept and not anew:
            return
        with self.undisturbed():
            entry = (self.step, self._record())
        self.records[len(self.records) - kept :] = [entry]

    def _save(self) -> None:
        if self._checkpoint is None:
            return
        try:
            checkpoints.save_checkpoint(
                self._checkpoint,
                self._nets,
                self._opts,
                step=self.step,
                history=self.history,
                data_order=self._batches.state(),
            )
        except OSError as error:
            if not self._save_failed:
                self._note(
                    f"The checkpoint {self._checkpoint} could not be written: {error.strerror or error}. The training "
                    "is not affected, the networks are in memory; an older checkpoint is whole. Make room or give "
                    "another path, then run this cell again."
                )
            self._save_failed = True

    def _note(self, text: str) -> None:
        self.notes.append(text)
        print(text, file=sys.stdout if live.in_notebook() else sys.stderr)


def budget(minutes: float | None, steps: int | None) -> tuple[float, float]:
    """Seconds and steps that the present pace allows, infinite where there is no limit.

    Raises ValueError when a budget is not above 0, or when there is none at all.
    """
    if minutes is not None and not (isinstance(minutes, (int, float)) and minutes > 0):
        raise ValueError(f"minutes should be a number above 0, or None for no limit; {minutes!r} came.")
    if steps is not None and (isinstance(steps, bool) or not isinstance(steps, int) or steps < 1):
        raise ValueError(f"steps should be a whole number from 1 on, or None for no limit; {steps!r} came.")
    seconds_allowed = math.inf if minutes is None else 60.0 * minutes
    steps_allowed = math.inf if steps is None else steps
    if min(seconds_allowed, steps_allowed) == math.inf:
        raise ValueError("A training needs an end: give minutes, steps, or both.")
    word = pace()
    if word == "ci":
        return seconds_allowed, min(steps_allowed, CI_STEPS)
    factor = FULL_FACTOR if word == "full" else 1
    return seconds_allowed * factor, steps_allowed * factor


@contextlib.contextmanager
def _closed_after_cell(loop_ref: weakref.ref):
    """End a loop that somebody still holds when its cell ends, so that no handler of ours outlives the cell."""
    if not live.in_notebook():
        yield
        return
    from IPython import get_ipython

    events = get_ipython().events

    def close(*_) -> None:
        loop = loop_ref()
        if loop is not None:
            loop.close()

    events.register("post_run_cell", close)
    try:
        yield
    finally:
        events.unregister("post_run_cell", close)
