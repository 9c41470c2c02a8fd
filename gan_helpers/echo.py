"""Do sliders and buttons work here? Asked of the browser itself, without anybody clicking."""

import html
import threading

from gan_helpers.controls import answer_on_subshell, browser_has_subshell, kernel_has_subshells
from gan_helpers.widgets import display_widget

WAITING = "Sliders and buttons: no answer from the browser yet."
RELOAD = (
    "If this line stays: reload the page, and if that changes nothing, restart JupyterLab after the mends above. The "
    "lessons run without, but their sliders and buttons are dead; the notebook's ■ still stops a training."
)
AT_ONCE = "Sliders and buttons work, also while a cell runs."
BETWEEN_CELLS = (
    "Sliders and buttons work. While this cell ran no answer came in time: run it again. If that stays so, they work "
    "between cells only, and the notebook's ■ stops a training."
)


def try_widgets(*, seconds: float = 5.0) -> None:
    """Show a line that tells whether the browser's widgets answer this kernel, and whether also while a cell runs.

    An invisible player of ipywidgets is started from here; the browser moves it and reports. Waits for that at most
    `seconds`, and not at all where the kernel cannot listen during a cell. A later answer changes the line too.
    """
    import ipywidgets

    line = ipywidgets.HTML(_line(WAITING, RELOAD))
    player = ipywidgets.Play(min=0, max=1, interval=20, layout={"display": "none"})
    answered, cell_ended = threading.Event(), threading.Event()

    def hear(change) -> None:
        line.value = _line(BETWEEN_CELLS if cell_ended.is_set() else AT_ONCE)
        answered.set()

    player.observe(hear, "value")
    answer_on_subshell(player)
    display_widget(ipywidgets.VBox([line, player]), "widgets: one that answers by itself")
    _start(player)
    waited = 0.0
    # The page may still be drawing the player when it is told to start: it is told again.
    while kernel_has_subshells() and waited < seconds and not answered.wait(0.1):
        waited += 0.1
        if browser_has_subshell():
            _start(player)
    cell_ended.set()


def _start(player) -> None:
    name = "playing" if player.has_trait("playing") else "_playing"  # ipywidgets 8 and 7
    setattr(player, name, False)
    setattr(player, name, True)


def _line(said: str, then: str = "") -> str:
    return f'<div role="status">{html.escape(said)} {html.escape(then)}</div>'
