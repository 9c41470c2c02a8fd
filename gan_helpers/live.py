"""What is shown while a network trains: the loss curves, a picture of one's own, and a line on how it stands."""

import base64
import sys
import textwrap
import uuid
from collections.abc import Callable

import matplotlib
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from gan_helpers.history import History
from gan_helpers.plots.figures import COLOURS, MARKERS, encode_png

ALT_TEXT = "training: live view"  # the text form: always the same, so that stored and new outputs compare equal
WIDTH = 840  # CSS pixels: fits the notebook column of JupyterLab in a window of 1280 pixels, file browser open
SHARPNESS = 1.5  # image pixels per CSS pixel, for projectors and dense screens
TEXT = 13  # CSS pixels
MARGIN = 16
LINE_LENGTH = 118  # characters that fit on one line
VERDICT_LINES = 2
HEADER, PANELS, LINE = 30, 290, 21  # heights in CSS pixels: the headline, the two panels, one line of text below
SIDE = (544, WIDTH - MARGIN)  # left and right edge of the second panel
SHARE = 0.05  # of the training time may go into redraws
AT_LEAST = 1.0  # seconds between two redraws

INK, QUIET = "#1a1a1a", "#595959"

# All colours are set, so that a dark style chosen elsewhere in the notebook leaves no white text on white.
_LOOK = {
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "axes.facecolor": "white",
    "axes.edgecolor": QUIET,
    "axes.labelcolor": INK,
    "axes.titlesize": TEXT * 0.72,
    "axes.prop_cycle": matplotlib.cycler(color=COLOURS),
    "axes.spines.top": False,
    "axes.spines.right": False,
    "text.color": INK,
    "xtick.color": QUIET,
    "ytick.color": QUIET,
    "font.family": "sans-serif",
    "font.size": TEXT * 0.72,  # points: one is 1/72 inch, one CSS pixel here 1/100
    "legend.frameon": False,
    "image.cmap": "gray",
}


class Pacer:
    """When to do something again, so that it takes at most `share` of the time; all times in seconds of the run.

    It rests 1 / share times as long as the last turn took, and at least `at_least` seconds.
    """

    def __init__(self, share: float, at_least: float):
        self._share, self._at_least = share, at_least
        self._next = 0.0

    def due(self, now: float) -> bool:
        """Whether it is time for another turn."""
        return now >= self._next

    def took(self, began: float, ended: float) -> None:
        """Note when a turn began and ended."""
        self._next = ended + max(self._at_least, (ended - began) / self._share)


class LiveView:
    """One picture in the notebook that is redrawn in place.

    `show(ax)` draws the right half and may return a sentence, which is printed below; when it raises, the error stands
    in its place and training goes on. Nothing here touches pyplot: a button's callback may run on another thread while
    pyplot's figures belong to the notebook's cells.
    """

    def __init__(self, show: Callable | None = None):
        self._show = show
        self._display_id: str | None = None
        self._figure: Figure | None = None

    def draw(self, history: History, headline: str, *, parts: str = "") -> None:
        """Show the newest state. `parts` says whose functions run."""
        with matplotlib.rc_context(_LOOK):
            self._figure = picture(history, headline, parts=parts, show=self._show)
            self._publish()

    def say(self, headline: str) -> None:
        """Change nothing but the headline: quick, and `show` is not called."""
        if self._figure is not None:
            with matplotlib.rc_context(_LOOK):
                self._figure.texts[0].set_text(_headline(headline))
                self._publish()

    def _publish(self) -> None:
        data = {"text/plain": ALT_TEXT, "image/png": base64.b64encode(encode_png(self._figure)).decode("ascii")}
        width, height = self._figure.get_size_inches() * 100
        metadata = {"image/png": {"width": round(width), "height": round(height), "alt": ALT_TEXT}}
        update = self._display_id is not None
        self._display_id = self._display_id or uuid.uuid4().hex
        publish(data, metadata, display_id=self._display_id, update=update)


def picture(history: History, headline: str, *, parts: str = "", show: Callable | None = None) -> Figure:
    """The figure of the live view: headline, loss curves, and what `show(ax)` draws beside them."""
    whose = textwrap.wrap(parts, LINE_LENGTH)
    header = HEADER + LINE * len(whose)
    footer = 12 + LINE * VERDICT_LINES * (show is not None)
    height = header + PANELS + footer
    figure = Figure(figsize=(WIDTH / 100, height / 100), dpi=100 * SHARPNESS, facecolor="white")

    def write(text: str, top: float, **style) -> None:
        figure.text(MARGIN / WIDTH, 1 - top / height, text, va="top", parse_math=False, **style)

    def panel(left: float, right: float, above: float, under: float):
        tall = PANELS - above - under
        return figure.add_axes((left / WIDTH, (footer + under) / height, (right - left) / WIDTH, tall / height))

    write(_headline(headline), 9, weight="bold")
    for number, line in enumerate(whose):
        write(line, 9 + LINE * (number + 1), color=QUIET)
    _draw_losses(panel(62, WIDTH - MARGIN if show is None else 496, 30, 46), history)
    verdict = []
    if show is not None:
        side = panel(*SIDE, 10, 10)
        verdict = _draw_side(side, show)
        _fit(side, left=SIDE[0] - 24, right=SIDE[1], bottom=footer + 10, top=footer + PANELS - 4)
    for number, line in enumerate(verdict):
        write(line, header + PANELS + 4 + LINE * number)
    return figure


def publish(data: dict, metadata: dict, *, display_id: str, update: bool) -> None:
    """Send a display, or a new state of it, to the notebook."""
    from IPython.display import publish_display_data

    publish_display_data(data, metadata, transient={"display_id": display_id}, update=update)


def in_notebook() -> bool:
    """Whether this code runs in a notebook's kernel, where there are displays; false in a script and in a terminal."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return getattr(shell, "kernel", None) is not None


def duration(seconds: float) -> str:
    """A time for people: "8 s", "2 min 51 s", "3 h 5 min"."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def _headline(text: str) -> str:
    return textwrap.shorten(text, LINE_LENGTH - 14, placeholder=" ...")  # bold letters are wider


def _draw_side(axes, show: Callable) -> list[str]:
    """Let `show` draw into `axes`; the lines of what it says."""
    try:
        said = show(axes)
    except Exception as error:  # a picture that fails must not cost the training
        axes.clear()
        axes.set_axis_off()
        first = str(error).splitlines()[:1] or [""]
        text = textwrap.fill(f"the picture failed: {type(error).__name__}: {first[0]}", 36, max_lines=8)
        axes.text(0.5, 0.5, text, ha="center", va="center", color=QUIET, transform=axes.transAxes, parse_math=False)
        return []
    return textwrap.wrap(said, LINE_LENGTH, max_lines=VERDICT_LINES) if isinstance(said, str) else []


def _fit(axes, *, left: float, right: float, bottom: float, top: float) -> None:
    """Shrink `axes` until its labels lie within these CSS pixels too; what has none is left as it is."""
    figure = axes.figure
    box = axes.get_tightbbox(FigureCanvasAgg(figure).get_renderer())
    if box is None:
        return
    over = [max(0.0, left - box.x0 / SHARPNESS), max(0.0, bottom - box.y0 / SHARPNESS)]
    over += [max(0.0, box.x1 / SHARPNESS - right), max(0.0, box.y1 / SHARPNESS - top)]
    width, height = figure.get_size_inches() * 100
    x, y, w, h = axes.get_position(original=True).bounds
    w, h = w - (over[0] + over[2]) / width, h - (over[1] + over[3]) / height
    if min(w, h) > 0:
        axes.set_position((x + over[0] / width, y + over[1] / height, w, h))


def _draw_losses(axes, history: History) -> None:
    steps, columns = history.thinned()
    if not columns:
        axes.set_axis_off()
        axes.text(0.5, 0.5, "no losses logged yet", ha="center", va="center", color=QUIET, transform=axes.transAxes)
        return
    for number, (name, values) in enumerate(columns.items()):
        style = {"color": COLOURS[number % len(COLOURS)], "marker": MARKERS[number % len(MARKERS)]}
        axes.plot(steps, values, label=name, linewidth=1.4, markersize=5.5, markevery=[len(steps) - 1], **style)
    axes.set_xlabel("step")
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    axes.yaxis.set_major_locator(MaxNLocator(5))
    axes.grid(axis="y", color="#e5e5e5", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=len(columns), borderaxespad=0, borderpad=0.2)
