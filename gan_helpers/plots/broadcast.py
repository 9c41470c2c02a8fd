"""Broadcasting as a picture: which numbers meet, and which of them are repeated."""

import torch
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from gan_helpers.plots.figures import FAKE, INK, REAL, TEXT_SIZE, THIRD, Picture, bare, new_figure

LARGEST = 8  # rows or columns that can still be read


def broadcast(a: torch.Tensor, b: torch.Tensor) -> Picture:
    """A figure of `a` + `b` with the numbers that broadcasting repeats drawn pale.

    Both have one or two axes of at most 8. Raises ValueError for larger ones, and for shapes that do not broadcast.
    """
    for name, tensor in {"a": a, "b": b}.items():
        if tensor.ndim not in (1, 2) or not tensor.numel() or max(tensor.shape) > LARGEST:
            raise ValueError(
                f"{name} should have one or two axes of 1 to {LARGEST}; its shape is {tuple(tensor.shape)}."
            )
    try:
        shape = torch.broadcast_shapes(a.shape, b.shape)
    except RuntimeError as error:
        raise ValueError(
            f"shapes {tuple(a.shape)} and {tuple(b.shape)} do not broadcast: read from the right, two sizes must be "
            "equal, or one of them 1."
        ) from error
    rows, columns = (1, *shape)[-2:]
    alt = f"broadcasting: {tuple(a.shape)} + {tuple(b.shape)} = {tuple(shape)}"
    figure, axes = new_figure(9.0, 0.9 + 0.42 * rows, alt, columns=3)
    for ax, tensor, sign, colour in zip(axes, (a, b, a + b), ("", "+  ", "=  "), (REAL, FAKE, THIRD), strict=True):
        _cells(ax, tensor, (rows, columns), colour)
        ax.set_title(f"{sign}{tuple(tensor.shape)}", size=TEXT_SIZE + 1)
    return figure


def _cells(ax: Axes, tensor: torch.Tensor, shape: tuple[int, int], colour: str) -> None:
    """Draw `tensor` as a table of `shape`; rows and columns that it only repeats are pale and dashed."""
    own = (1, *tensor.shape)[-2:]
    table = tensor.detach().cpu().reshape(own).expand(shape)
    for row in range(shape[0]):
        for column in range(shape[1]):
            repeated = row >= own[0] or column >= own[1]
            style = {"alpha": 0.12, "linestyle": "--"} if repeated else {"alpha": 0.45}
            ax.add_patch(Rectangle((column, row), 1, 1, facecolor=colour, edgecolor=INK, **style))
            ax.text(column + 0.5, row + 0.5, f"{table[row, column].item():g}", ha="center", va="center",
                    size=TEXT_SIZE, color="#6b6b6b" if repeated else INK)  # fmt: skip
    ax.set(xlim=(-0.1, shape[1] + 0.1), ylim=(shape[0] + 0.1, -0.1), aspect="equal")
    bare(ax)
