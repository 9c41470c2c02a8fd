"""Several ways of doing something, each tried several times: every result as a dot, the means as lines."""

import numpy as np
from matplotlib.ticker import PercentFormatter

from gan_helpers.plots.figures import COLOURS, INK, MARKERS, TEXT_SIZE, Picture, new_figure


def plot_comparison(results: dict[str, np.ndarray], *, title: str = "", chance: float | None = None) -> Picture:
    """A figure of `results`, name -> shares in [0, 1]: a row of dots for each, its mean and spread in words.

    The spread is the standard deviation. `chance`, if given, is drawn as a dotted line.
    """
    alt = f"comparison: {', '.join(results)}"
    figure, (ax,) = new_figure(8.4, 1.1 + 0.5 * len(results), alt)
    for row, shares in enumerate(results.values()):
        colour, marker = COLOURS[row % len(COLOURS)], MARKERS[row % len(MARKERS)]
        ax.plot(shares, np.full(len(shares), row), linestyle="", marker=marker, color=colour, alpha=0.55, markersize=7)
        ax.plot([shares.mean()] * 2, [row - 0.3, row + 0.3], color=INK, linewidth=2)
        ax.text(1.01, row, f"{shares.mean():.1%} ± {shares.std():.1%}", va="center", size=TEXT_SIZE,
                transform=ax.get_yaxis_transform())  # fmt: skip
    if chance is not None:
        ax.axvline(chance, color=INK, linestyle=":", linewidth=1)
    ax.set_yticks(range(len(results)), list(results))
    ax.set(ylim=(len(results) - 0.5, -0.5), xlim=(0, 1), title=title)
    ax.xaxis.set_major_formatter(PercentFormatter(1.0))
    return figure
