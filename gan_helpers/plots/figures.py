"""The figure all pictures are drawn on: shown by notebooks without pyplot, with a text form that never changes."""

import io

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from PIL import Image
from PIL.PngImagePlugin import PngInfo

# Okabe & Ito 2008: told apart by colour-blind eyes too. Real and fake keep their colours through all lessons.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
MARKERS = ("o", "s", "^", "D", "v", "P")  # told apart in grey too
(REAL, FAKE, THIRD), INK = COLOURS[:3], "#222222"
TEXT_SIZE = 10  # points; at DPI 100 that is 14 pixels
DPI = 100
# Inches: what is wider a notebook shrinks on a projector of 1280 pixels, and its text with it, below 12 pixels.
WIDEST = 9.4


class Picture(Figure):
    """A matplotlib figure that a notebook shows as PNG, with `alt` (what it shows, in words) as its text form."""

    alt = "picture"

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"image/png": encode_png(self), "text/plain": self.alt}, {"image/png": {"alt": self.alt}}

    def __repr__(self) -> str:
        return self.alt


def new_figure(width: float, height: float, alt: str, *, columns: int = 1, rows: int = 1) -> tuple[Picture, list[Axes]]:
    """An empty figure of `width` x `height` inches on white, its axes row by row, and `alt` as its text form.

    It is no wider than WIDEST.
    """
    figure = Picture(figsize=(min(width, WIDEST), height), dpi=DPI, facecolor="white", layout="constrained")
    FigureCanvasAgg(figure)
    figure.alt = alt
    axes = figure.subplots(rows, columns, squeeze=False)
    for ax in axes.flat:
        tidy(ax)
    return figure, list(axes.flat)


def encode_png(figure: Figure) -> bytes:
    """The figure as a PNG picture at its own resolution, on opaque white.

    Of 256 colours chosen for this picture, which halves its size or better: notebooks carry their pictures along, and
    some of them travel to a browser far away. Two numbers go along, by which tests see whether it is shown large
    enough to be read.
    """
    buffer, notes = io.BytesIO(), PngInfo()
    texts = [text for text in figure.findobj(Text) if text.get_visible() and text.get_text().strip()]
    notes.add_text("smallest text, points", str(min((text.get_size() for text in texts), default=1000)))
    notes.add_text("width, inches", str(figure.get_figwidth()))
    picture = opaque(figure).quantize(256, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    picture.save(buffer, "png", pnginfo=notes)
    return buffer.getvalue()


def opaque(figure: Figure) -> Image.Image:
    """What is drawn on the figure, at its own resolution, RGB, on white."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    drawn = Image.fromarray(np.asarray(canvas.buffer_rgba()))
    picture = Image.new("RGB", drawn.size, "white")
    picture.paste(drawn, mask=drawn.getchannel("A"))
    return picture


def tidy(ax: Axes) -> None:
    """Text of one size and no box on the far sides."""
    ax.tick_params(labelsize=TEXT_SIZE, colors=INK)
    ax.xaxis.label.set_size(TEXT_SIZE)
    ax.yaxis.label.set_size(TEXT_SIZE)
    ax.title.set_size(TEXT_SIZE + 1)
    ax.spines[["top", "right"]].set_visible(False)


def bare(ax: Axes) -> None:
    """Neither ticks nor box: for pictures of pictures."""
    ax.set_xticks([])
    ax.set_yticks([])
    for spine in ax.spines.values():
        spine.set_visible(False)
