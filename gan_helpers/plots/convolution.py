"""Convolution and transposed convolution as pictures: which pixel goes where, and how the numbers add up."""

import torch
import torch.nn.functional as F
from matplotlib.axes import Axes
from matplotlib.patches import ConnectionPatch, Rectangle

from gan_helpers.plots.figures import COLOURS, INK, TEXT_SIZE, Picture, bare, new_figure

LARGEST = 12  # rows or columns that can still be read


def show_convolution(image: torch.Tensor, kernel: torch.Tensor, *, stride: int = 1, padding: int = 0) -> Picture:
    """A figure of a convolution: all results, and the windows on `image` (H, W) that two of them come from.

    `kernel` is (K, K); the zeros that `padding` adds are pale. Raises ValueError for what does not fit a picture.
    """
    _expect_small(image, kernel, stride, padding)
    padded = F.pad(image, [padding] * 4)
    result = F.conv2d(padded[None, None].float(), kernel[None, None].float(), stride=stride)[0, 0]
    k = len(kernel)
    how = f"{k} x {k} kernel, stride {stride}"
    alt = f"convolution: {tuple(image.shape)} with a {how}, padding {padding}, gives {tuple(result.shape)}"
    figure, (left, right) = new_figure(9.0, 0.7 + 0.42 * max(padded.shape), alt, columns=2)
    _table(left, padded, border=padding)
    _table(right, result)
    left.set_title(f"{_shape(image)}, padding {padding}", size=TEXT_SIZE + 1)
    right.set_title(f"{how}: {_shape(result)}", size=TEXT_SIZE + 1)
    for number in range(min(2, len(result))):
        colour, top = COLOURS[number], number * stride
        left.add_patch(_frame((0, top), k, colour, inset=0.05 * number))
        right.add_patch(_frame((0, number), 1, colour, inset=0.03))
        _arrow(figure, left, (k, top + k / 2), right, (0, number + 0.5), colour)
    return figure


def show_transposed_convolution(
    image: torch.Tensor, kernel: torch.Tensor, *, stride: int = 2, padding: int = 1
) -> Picture:
    """A figure of a transposed convolution: the stamp that each of four pixels of `image` (H, W) leaves, and the sums.

    Each pixel times `kernel` (K, K) is added to the result, `stride` pixels further for the next one; what lies beyond
    the dashed line is cut off by `padding`. Raises ValueError for what does not fit a picture.
    """
    _expect_small(image, kernel, stride, padding)
    whole = F.conv_transpose2d(image[None, None].float(), kernel[None, None].float(), stride=stride)[0, 0]
    _expect_small(whole, kernel, stride, padding)
    rows, columns = whole.shape[0] - 2 * padding, whole.shape[1] - 2 * padding
    k = len(kernel)
    how = f"{k} x {k} kernel, stride {stride}, padding {padding}"
    alt = f"transposed convolution: {tuple(image.shape)} with a {how}, gives {(rows, columns)}"
    figure, (left, right) = new_figure(9.0, 0.7 + 0.42 * max(whole.shape), alt, columns=2)
    _table(left, image)
    _table(right, whole, border=padding)
    left.set_title(_shape(image), size=TEXT_SIZE + 1)
    right.set_title(f"{how}: {rows} x {columns}", size=TEXT_SIZE + 1)
    places = [(row, column) for row in range(2) for column in range(2) if row < len(image) and column < image.shape[1]]
    for number, (row, column) in enumerate(places):
        corner, colour = (column * stride, row * stride), COLOURS[number]
        left.add_patch(Rectangle((column, row), 1, 1, facecolor=colour, alpha=0.35))
        right.add_patch(Rectangle(corner, k, k, facecolor=colour, alpha=0.18))
        right.add_patch(_frame(corner, k, colour, inset=0.04 + 0.05 * number))
    right.add_patch(
        Rectangle((padding, padding), columns, rows, fill=False, linestyle="--", linewidth=1.6, edgecolor=INK)
    )
    return figure


def _expect_small(image: torch.Tensor, kernel: torch.Tensor, stride: int, padding: int) -> None:
    if image.ndim != 2 or max(image.shape) > LARGEST or not image.numel():
        raise ValueError(f"image should be (H, W) of at most {LARGEST} each; its shape is {tuple(image.shape)}.")
    if kernel.ndim != 2 or kernel.shape[0] != kernel.shape[1] or not 1 <= len(kernel) <= 5:
        raise ValueError(f"kernel should be (K, K), K from 1 to 5; its shape is {tuple(kernel.shape)}.")
    if stride < 1 or not 0 <= padding < len(kernel):
        raise ValueError(f"stride should be 1 or more and padding under {len(kernel)}, not {stride} and {padding}.")


def _shape(table: torch.Tensor) -> str:
    return f"{table.shape[0]} x {table.shape[1]}"


def _table(ax: Axes, table: torch.Tensor, border: int = 0) -> None:
    """Write `table` (H, W); its outermost `border` rows and columns are pale."""
    rows, columns = table.shape
    for row in range(rows):
        for column in range(columns):
            outside = not (border <= row < rows - border and border <= column < columns - border)
            ax.add_patch(Rectangle((column, row), 1, 1, facecolor="none", edgecolor="#bbbbbb", linewidth=0.8))
            ax.text(column + 0.5, row + 0.5, f"{table[row, column].item():.3g}", ha="center", va="center",
                    size=TEXT_SIZE, color="#8a8a8a" if outside else INK)  # fmt: skip
    ax.set(xlim=(-0.15, columns + 0.15), ylim=(rows + 0.15, -0.15), aspect="equal")
    bare(ax)


def _frame(corner: tuple[float, float], side: float, colour: str, inset: float = 0.0) -> Rectangle:
    x, y = corner
    return Rectangle((x + inset, y + inset), side - 2 * inset, side - 2 * inset, fill=False, edgecolor=colour,
                     linewidth=2.2)  # fmt: skip


def _arrow(figure, start_ax: Axes, start, end_ax: Axes, end, colour: str) -> None:
    figure.add_artist(
        ConnectionPatch(
            start, end, "data", "data", axesA=start_ax, axesB=end_ax, arrowstyle="->", color=colour, linewidth=1.2
        )
    )
