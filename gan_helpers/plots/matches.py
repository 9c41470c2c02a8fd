"""The match matrix: pictures against captions."""

import textwrap

import torch

from gan_helpers.plots.figures import TEXT_SIZE, Picture, bare, new_figure
from gan_helpers.plots.images import image_batch

CAPTION_WIDTH = 15  # characters before a caption above its column goes on below


def show_match_matrix(images: torch.Tensor, captions: list[str], logits: torch.Tensor) -> Picture:
    """A figure with a picture at each row, a caption over each column, and their score where both meet, in colour.

    `images` (N, C, H, W), uint8 or float in [-1, 1]; `logits` (N, M) for the M `captions`. The highest of each row is
    framed: the caption that this picture fits best. Raises ValueError for another shape of `logits`.
    """
    batch = image_batch(images)
    n, m = len(batch), len(captions)
    if tuple(logits.shape) != (n, m):
        raise ValueError(f"logits should be ({n}, {m}), pictures by captions, not {tuple(logits.shape)}.")
    figure, axes = new_figure(1.0 + 1.25 * m, 0.9 + 0.75 * n, f"match matrix: {n} images, {m} captions",
                              columns=m + 1, rows=n)  # fmt: skip
    furthest = logits.abs().max().item() or 1.0
    for row in range(n):
        first, *cells = axes[row * (m + 1) : (row + 1) * (m + 1)]
        bare(first)
        first.imshow(batch[row].permute(1, 2, 0).expand(-1, -1, 3).numpy(), interpolation="nearest")
        best = int(logits[row].argmax())
        for column, ax in enumerate(cells):
            bare(ax)
            value = logits[row, column].item()
            ax.imshow([[value]], cmap="RdBu", vmin=-furthest, vmax=furthest, aspect="auto")
            ax.text(0, 0, f"{value:.1f}", ha="center", va="center", size=TEXT_SIZE,
                    color="white" if abs(value) > 0.6 * furthest else "black")  # fmt: skip
            if column == best:
                for spine in ax.spines.values():
                    spine.set(visible=True, linewidth=2.5)
            if row == 0:
                ax.set_title(textwrap.fill(captions[column], CAPTION_WIDTH), size=TEXT_SIZE - 1)
    return figure
