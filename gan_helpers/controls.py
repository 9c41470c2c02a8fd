"""Stop, pause and the learning rates of a training, as buttons and sliders that answer while its cell runs.

While a cell runs, the kernel's main thread is busy. ipykernel 7 hands the messages of widgets to a subshell, a thread
of the kernel's own, so that callbacks still run; JupyterLab asks for such a subshell when it shows the first widget.
Because they run beside the training, callbacks set flags and nothing else: the training loop looks at the flags between
two steps.
"""

import math
import threading
from collections.abc import Callable

from gan_helpers import live
from gan_helpers.widgets import display_widget

# The text form of the controls, always the same, and all there is to see where buttons would be dead.
INTERRUPT_HINT = "training controls: the notebook's interrupt button (■) ends this cell after the step under way"
EVERY = 1.0  # seconds between two updates of the progress bar


class Requests:
    """What the person at the controls asks for, set from any thread and read by the training loop between two steps."""

    def __init__(self):
        self._stop = threading.Event()
        self._going = threading.Event()
        self._going.set()
        self._learning_rates: dict[str, float] = {}
        self._lock = threading.Lock()

    def stop(self) -> None:
        """End the training after the step under way."""
        self._stop.set()
        self._going.set()  # also out of a pause

    def pause(self) -> None:
        """Wait after the step under way."""
        if not self._stop.is_set():
            self._going.clear()

    def resume(self) -> None:
        """Go on after a pause."""
        self._going.set()

    def set_learning_rate(self, name: str, value: float) -> None:
        """Give the optimizer called `name` another learning rate before the next step."""
        with self._lock:
            self._learning_rates[name] = value

    @property
    def stopped(self) -> bool:
        """Whether `stop` was asked for."""
        return self._stop.is_set()

    @property
    def paused(self) -> bool:
        """Whether the training should wait."""
        return not self._going.is_set()

    def wait(self, seconds: float) -> None:
        """Sleep until `resume` or `stop`, at most so long: an interrupt is only noticed between two such waits."""
        self._going.wait(seconds)

    def take_learning_rates(self) -> dict[str, float]:
        """The learning rates asked for since the last call, name -> value."""
        if not self._learning_rates:
            return {}
        with self._lock:
            taken, self._learning_rates = self._learning_rates, {}
        return taken


class Controls:
    """Buttons, sliders and a progress bar below a training cell; a line on the interrupt button where they cannot work.

    `learning_rates` holds the present learning rate of each optimizer (name -> value above 0). Sliders go from a
    hundredth to ten times of `first_rates`, those the training began with, so that a knob stands where it was left.
    """

    def __init__(
        self, requests: Requests, learning_rates: dict[str, float], first_rates: dict[str, float] | None = None
    ):
        # The widgets live as long as the kernel, and so does what their callbacks hold: the flags, never the networks.
        self._next = -math.inf
        self._widgets = _Widgets(requests, learning_rates, first_rates or {}) if kernel_has_subshells() else None

    def display(self) -> None:
        """Show the controls below the running cell."""
        display_widget(None if self._widgets is None else self._widgets.box, INTERRUPT_HINT)

    def refresh(self, now: float, share: Callable[[], float], text: Callable[[], str]) -> None:
        """Move the progress bar to `share()` (in [0, 1]) and its line to `text()`, about once a second of `now`."""
        if self._widgets is None or now < self._next:
            return
        connected = self._widgets.connect()
        # Until the browser has its subshell, look again soon: the buttons should come within the first blink.
        self._next = now + (EVERY if connected else EVERY / 10)
        self._widgets.progress(share(), text())

    def line(self, text: str) -> None:
        """Say something else beside the progress bar."""
        if self._widgets is not None:
            self._widgets.line(text)

    def end(self, text: str, share: float) -> None:
        """Switch the controls off, `text` saying how the training ended, after `share` of its budget."""
        if self._widgets is not None:
            self._widgets.switch_off(text, share)


def kernel_has_subshells() -> bool:
    """Whether the kernel can run widget callbacks beside a busy cell (ipykernel 7, not 6), and ipywidgets is there."""
    if not live.in_notebook():
        return False
    from IPython import get_ipython

    if not getattr(get_ipython().kernel, "_supports_kernel_subshells", False):
        return False
    try:
        import ipywidgets  # noqa: F401
    except ImportError:
        return False
    return True


def browser_has_subshell() -> bool:
    """Whether the page has asked the kernel for a subshell, through which its widgets speak (JupyterLab >= 4.4).

    Other pages (VS Code, Colab) and programs that run notebooks ask for none: there, the buttons would be dead.
    """
    from IPython import get_ipython

    try:
        return bool(get_ipython().kernel.shell_channel_thread.manager.list_subshell())
    except AttributeError:  # another kernel, or a later one: take its word for what it supports
        return True


def answer_on_subshell(widget) -> None:
    """Let the callbacks of `widget` run on the browser's subshell.

    ipykernel 7.4 sends an answer to the loop that last spoke to the widget: the main one, which is busy training. Here
    the browser's own choice (`default`) wins. Earlier versions lack the attribute and always went by that choice.
    """
    if hasattr(widget.comm, "_reply_subshell_for"):
        widget.comm._reply_subshell_for = lambda data, default: default


class _Widgets:
    """The widgets themselves: only what ipywidgets 7.7 and 8 have in common."""

    def __init__(self, requests: Requests, learning_rates: dict[str, float], first_rates: dict[str, float]):
        import ipywidgets as widgets

        self._requests = requests
        button = {"layout": widgets.Layout(width="90px")}
        self._stop = widgets.Button(description="Stop", icon="stop", tooltip="end after the step under way", **button)
        self._pause = widgets.Button(description="Pause", icon="pause", tooltip="wait; the budget waits too", **button)
        self._bar = widgets.FloatProgress(value=0.0, min=0.0, max=1.0, layout=widgets.Layout(width="120px"))
        self._line = widgets.Label(value="")
        self._sliders = {
            name: widgets.FloatLogSlider(
                value=value,
                base=10,
                min=math.log10(min(value, first_rates.get(name, value) / 100)),
                max=math.log10(max(value, first_rates.get(name, value) * 10)),
                step=0.05,
                description=f"{name} learning rate",
                continuous_update=False,
                readout_format=".1e",
                style={"description_width": "180px"},
                layout=widgets.Layout(width="410px"),
            )
            for name, value in learning_rates.items()
            if value > 0  # a logarithmic slider has no place for 0
        }
        # Buttons and sliders are hidden until it is known that they work; until then, and where they do not, the hint.
        self._buttons = widgets.HBox([self._stop, self._pause])
        self._rates = widgets.HBox(list(self._sliders.values()), layout=widgets.Layout(flex_flow="row wrap"))
        self._hint = widgets.Label(value=INTERRUPT_HINT)
        self._buttons.layout.display = self._rates.layout.display = "none"
        first_row = widgets.HBox([self._buttons, self._bar, self._line])
        self.box = widgets.VBox([first_row, self._rates, self._hint])
        self._connected = False

        self._stop.on_click(lambda _: requests.stop())
        self._pause.on_click(self._pause_or_resume)
        for name, slider in self._sliders.items():
            slider.observe(lambda change, name=name: requests.set_learning_rate(name, change["new"]), names="value")
        for widget in (self._stop, self._pause, *self._sliders.values()):
            answer_on_subshell(widget)

    def connect(self) -> bool:
        """Show the buttons as soon as they work; whether they do."""
        if not self._connected and browser_has_subshell():
            self._connected = True
            self._hint.layout.display = "none"
            self._buttons.layout.display = self._rates.layout.display = ""
        return self._connected

    def progress(self, share: float, text: str) -> None:
        self._bar.value = share
        self.line(text)

    def line(self, text: str) -> None:
        self._line.value = text

    def switch_off(self, text: str, share: float) -> None:
        self.progress(share, text)
        self._hint.layout.display = "none"
        for widget in (self._stop, self._pause, *self._sliders.values()):
            widget.disabled = True

    def _pause_or_resume(self, _) -> None:
        if self._requests.paused:
            self._requests.resume()
            self._pause.description, self._pause.icon = "Pause", "pause"
        else:
            self._requests.pause()
            self._pause.description, self._pause.icon = "Resume", "play"
