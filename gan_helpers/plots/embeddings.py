"""Points of several classes in a plane, and one that is marked."""

import torch

from gan_helpers.plots.figures import COLOURS, INK, MARKERS, TEXT_SIZE, Picture, new_figure


def show_embeddings(
    points: torch.Tensor, labels: torch.Tensor, classes: list[str], *, mark: torch.Tensor | None = None
) -> Picture:
    """A figure of `points` (N, 2), coloured and shaped by their `labels` (N,) int64 into `classes`; `mark` (2,) a star.

    More classes than colours go through them again with other shapes.
    """
    figure, (ax,) = new_figure(7.2, 4.4, f"map of {len(points):,} captions in {len(classes)} classes")
    for number, name in enumerate(classes):
        x, y = points[labels == number].T.numpy()
        turn = number // len(COLOURS)  # the second time round, the shapes move on by two
        ax.scatter(x, y, s=14, alpha=0.6, c=COLOURS[number % len(COLOURS)], linewidths=0, label=name,
                   marker=MARKERS[(number + 2 * turn) % len(MARKERS)])  # fmt: skip
    if mark is not None:
        ax.scatter(
            *mark.tolist(), s=320, c="#FFFFFF", marker="*", edgecolors=INK, linewidths=1.5, label="yours", zorder=3
        )
    ax.set_xticks([])
    ax.set_yticks([])
    ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False, fontsize=TEXT_SIZE)
    return figure
