"""Films with a slider of their own: they play without a kernel, without a network, and wherever HTML is shown.

matplotlib's own (`Animation.to_jshtml`) asks a server for the icons of its buttons, and opens at its first frame, which
in a film of a training is grey. These open at the end; where no script may run, the last frame is what is seen.
"""

import base64
import html
import io
from collections.abc import Sequence

from matplotlib.figure import Figure
from PIL import Image

from gan_helpers.films import Film
from gan_helpers.plots.figures import opaque
from gan_helpers.plots.images import mosaic, pillow_image

QUALITY = 85  # of WebP, of 100: a film of thirty frames stays under half a megabyte
WIDTH = 760  # pixels of the screen that a row of samples is stretched to at the most
ENLARGED = 3  # times its own size

SHOW = "[...this.closest('.film').querySelectorAll('.frame')].forEach((frame, i) => frame.hidden = i != this.value)"
PLAY = (
    "const slider = this.nextElementSibling; clearInterval(this.timer); slider.value = 0; slider.oninput();"
    "this.timer = setInterval(() => {{ slider.stepUp(); slider.oninput();"
    " if (slider.value == slider.max) clearInterval(this.timer) }}, {interval})"
)
FILM = """<div class="film" style="display: inline-block; max-width: 100%">
<div style="display: flex; gap: 8px; align-items: center">
<button type="button" title="Play from the beginning" aria-label="Play from the beginning" onclick="{play}">▶</button>
<input type="range" aria-label="frame" style="flex: 1" min="0" max="{last}" value="{last}" oninput="{show}">
</div>
{frames}
</div>"""


class MovingPicture:
    """A film of training: HTML with its own slider, and a text form that says how many frames there are."""

    def __init__(self, html: str, frames: int):
        self.html, self.frames = html, frames

    def _repr_html_(self) -> str:
        return self.html

    def __repr__(self) -> str:
        return f"film of {self.frames} frames"


def moving_picture(frames: Sequence[str], seconds_a_frame: float) -> MovingPicture:
    """The film of `frames`, each of them HTML; all should be of one size."""
    last = len(frames) - 1
    shown = "\n".join(
        f'<div class="frame"{"" if number == last else " hidden"}>{frame}</div>' for number, frame in enumerate(frames)
    )
    play = html.escape(PLAY.format(interval=round(1000 * seconds_a_frame)))
    return MovingPicture(FILM.format(frames=shown, play=play, last=last, show=html.escape(SHOW)), len(frames))


def figure_frame(figure: Figure, alt: str) -> str:
    """A frame that shows what is drawn on `figure`."""
    return _img(opaque(figure), alt)


def show_films(films: dict[str, Film], *, seconds_a_frame: float = 0.8) -> MovingPicture:
    """Stored films one above the other, under one slider: a row of samples each, the same inputs in every frame.

    `films` maps what a row should be called to its film. Raises ValueError unless all were recorded at the same steps.
    """
    steps = [film.steps for film in films.values()]
    if not films or any(other != steps[0] for other in steps):
        raise ValueError(f"films should be one or more, recorded at the same steps; these were at {steps}.")
    return moving_picture([_rows(films, number) for number in range(len(steps[0]))], seconds_a_frame)


def _rows(films: dict[str, Film], number: int) -> str:
    rows = []
    for name, film in films.items():
        label = f"{name}, step {film.steps[number]:,}"
        row = pillow_image(mosaic(film.frames[number], film.frames.shape[1]))
        width = min(ENLARGED * row.width, WIDTH)
        style = f"width: {width}px; image-rendering: pixelated"
        rows.append(f"<div>{html.escape(label)}</div>{_img(row, label, style)}")
    return "".join(rows)


def _img(picture: Image.Image, alt: str, style: str = "") -> str:
    buffer = io.BytesIO()
    picture.save(buffer, "webp", quality=QUALITY)
    source = base64.b64encode(buffer.getvalue()).decode("ascii")
    return f'<img alt="{html.escape(alt)}" style="max-width: 100%; {style}" src="data:image/webp;base64,{source}">'
