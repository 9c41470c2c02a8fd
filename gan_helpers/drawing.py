"""A digit drawn by hand, with the mouse or a finger, and read live by the attendee's own network."""

import io
from collections.abc import Callable

import numpy as np
import torch
from PIL import Image, ImageDraw

from gan_helpers.modes import evaluating
from gan_helpers.widgets import display_widget

SIDE = 252  # CSS pixels of the canvas: 9 to a pixel of a digit
PEN = 20  # CSS pixels, as thick as MNIST's strokes: a little over 2 of 28
BOX = 20  # pixels: MNIST's digits were fitted into a box so large, and centred by mass in 28 x 28
GRID = 14  # buttons in a row, where there is no canvas


def as_mnist(ink: np.ndarray) -> torch.Tensor | None:
    """A drawing as a digit of MNIST: (1, 1, 28, 28) float32 in [-1, 1]; None while nothing is drawn.

    `ink` is (H, W) float in [0, 1], 1 where drawn. It is cut out, fitted into 20 x 20 pixels with its proportions, and
    put into 28 x 28 so that its centre of mass lies in the middle, as LeCun et al. (1998, section III.A) did.
    """
    rows, columns = np.nonzero(ink > 0.1)
    if len(rows) == 0:
        return None
    cut = ink[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1].astype(np.float32)
    scale = BOX / max(cut.shape)
    size = [max(1, round(scale * length)) for length in cut.shape]
    small = np.asarray(Image.fromarray(cut).resize(size[::-1], Image.Resampling.BILINEAR))
    small = small / small.max()
    place = np.indices(small.shape).reshape(2, -1)
    centre = (place * small.reshape(1, -1)).sum(1) / small.sum()
    top, left = (min(max(0, round(13.5 - c)), 28 - n) for c, n in zip(centre, small.shape, strict=True))
    digit = np.zeros((28, 28), np.float32)
    digit[top : top + small.shape[0], left : left + small.shape[1]] = small
    return torch.from_numpy(digit)[None, None] * 2 - 1


def draw_digit(network: Callable[[torch.Tensor], torch.Tensor]) -> None:
    """Show a field to draw a digit in, and beside it what `network` makes of it, (N, 1, 28, 28) -> logits (N, 10).

    A canvas for mouse and finger where ipycanvas is installed, else a grid of buttons. The network is asked in eval
    mode and left as it was.
    """
    import ipywidgets

    seen = ipywidgets.Image(format="png", width=112, height=112)
    answer = ipywidgets.HTML()

    def read(ink: np.ndarray) -> None:
        digit = as_mnist(ink)
        seen.value = _png(digit if digit is not None else -torch.ones(1, 1, 28, 28))
        answer.value = "draw a digit" if digit is None else _bars(probabilities(network, digit))

    try:
        field = _canvas(read)
    except ImportError:
        field = _buttons(read)
    read(np.zeros((GRID, GRID)))
    what_it_sees = ipywidgets.VBox(
        [ipywidgets.Label("what the network sees"), seen], layout={"margin": "0px 24px", "align_items": "center"}
    )
    display_widget(ipywidgets.HBox([field, what_it_sees, answer]), "a field to draw a digit in")


@torch.no_grad()
def probabilities(network, digit: torch.Tensor) -> list[float]:
    """The probabilities of the ten digits that `network` gives for one `digit` (1, 1, 28, 28) in [-1, 1]."""
    with evaluating(network):
        device = next((parameter.device for parameter in network.parameters()), digit.device)
        return network(digit.to(device)).softmax(1)[0].tolist()


def _bars(shares: list[float]) -> str:
    best = max(range(len(shares)), key=shares.__getitem__)
    rows = "".join(
        f'<tr><td style="padding: 2px 6px">{"<b>" if k == best else ""}{k}</td>'
        f'<td style="padding: 2px 0px"><div style="width: {max(1, round(120 * share))}px; height: 12px; '
        f'background: {"#D55E00" if k == best else "#0072B2"}"></div></td>'
        f'<td style="padding: 2px 6px">{share:.0%}</td></tr>'
        for k, share in enumerate(shares)
    )
    return f'<div role="status"><b>It says {best}.</b><table>{rows}</table></div>'


def _png(digit: torch.Tensor) -> bytes:
    pixels = ((digit[0, 0] + 1) * 127.5).round().byte().numpy()
    buffer = io.BytesIO()
    Image.fromarray(pixels).resize((112, 112), Image.Resampling.NEAREST).save(buffer, "png")
    return buffer.getvalue()


class Sketch:
    """The ink of a drawing, kept beside what the browser shows: lines between the places the pen went through."""

    def __init__(self):
        self._last: tuple[float, float] | None = None
        self.clear()

    def clear(self) -> None:
        """An empty field."""
        self._image = Image.new("L", (SIDE, SIDE))
        self._draw = ImageDraw.Draw(self._image)

    def pen_down(self, x: float, y: float) -> None:
        """The pen touches the field at (`x`, `y`), in CSS pixels."""
        self._last = (x, y)
        self._dot(x, y)

    def pen_to(self, x: float, y: float) -> tuple[float, float] | None:
        """The pen moves there; where it came from, or None while it is up."""
        came_from = self._last
        if came_from is not None:
            self._draw.line([came_from, (x, y)], fill=255, width=PEN)
            self._dot(x, y)
            self._last = (x, y)
        return came_from

    def pen_up(self) -> bool:
        """The pen leaves the field; whether it was on it."""
        was_down, self._last = self._last is not None, None
        return was_down

    def ink(self) -> np.ndarray:
        """(SIDE, SIDE) float32 in [0, 1]."""
        return np.asarray(self._image, np.float32) / 255

    def _dot(self, x: float, y: float) -> None:
        r = PEN / 2
        self._draw.ellipse([x - r, y - r, x + r, y + r], fill=255)


def _canvas(read: Callable[[np.ndarray], None]):
    """A canvas for mouse and finger. Raises ImportError without ipycanvas."""
    import ipywidgets
    from ipycanvas import Canvas, hold_canvas

    canvas = Canvas(width=SIDE, height=SIDE, layout={"width": f"{SIDE}px", "height": f"{SIDE}px"})
    sketch = Sketch()

    def wipe(button=None) -> None:
        sketch.clear()
        with hold_canvas(canvas):
            canvas.fill_style, canvas.stroke_style = "black", "white"
            canvas.line_width, canvas.line_cap = PEN, "round"
            canvas.fill_rect(0, 0, SIDE, SIDE)
        if button is not None:
            read(sketch.ink())

    def down(x: float, y: float) -> None:
        sketch.pen_down(x, y)
        canvas.stroke_line(x, y, x + 0.1, y)

    def to(x: float, y: float) -> None:
        came_from = sketch.pen_to(x, y)
        if came_from is not None:
            canvas.stroke_line(*came_from, x, y)

    def up(x: float, y: float) -> None:
        if sketch.pen_up():
            read(sketch.ink())

    canvas.on_mouse_down(down)
    canvas.on_mouse_move(to)
    canvas.on_mouse_up(up)
    canvas.on_mouse_out(up)
    canvas.on_touch_start(lambda touches: down(*touches[0]))
    canvas.on_touch_move(lambda touches: to(*touches[0]))
    canvas.on_touch_end(lambda touches: up(0, 0))
    wipe()
    again = ipywidgets.Button(description="wipe", icon="eraser")
    again.on_click(wipe)
    return ipywidgets.VBox([canvas, again])


def _buttons(read: Callable[[np.ndarray], None]):
    """The same with a grid of buttons to switch on and off, for notebooks without ipycanvas."""
    import ipywidgets

    layout = {"width": "17px", "height": "17px", "margin": "0px", "padding": "0px"}
    cells = [ipywidgets.ToggleButton(layout=layout, tooltip=f"row {k // GRID + 1}, column {k % GRID + 1}")
             for k in range(GRID * GRID)]  # fmt: skip
    wiping = False

    def look(change=None) -> None:
        if not wiping:
            read(np.array([cell.value for cell in cells], np.float32).reshape(GRID, GRID))

    def wipe(button) -> None:
        nonlocal wiping
        wiping = True
        for cell in cells:
            cell.value = False
        wiping = False
        look()

    for cell in cells:
        cell.observe(look, "value")
    again = ipywidgets.Button(description="wipe", icon="eraser")
    again.on_click(wipe)
    grid = ipywidgets.GridBox(cells, layout={"grid_template_columns": f"repeat({GRID}, 18px)"})
    return ipywidgets.VBox([grid, again])
