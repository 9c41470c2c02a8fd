"""When a GPU pays off: times of matrix products against their size, measured on the spot."""

from gan_helpers.plots.figures import FAKE, INK, REAL, TEXT_SIZE, THIRD, Picture, new_figure
from gan_helpers.speed import PROCESSOR, crossover

COLOURS = (REAL, FAKE, THIRD)
MARKERS = ("o", "^", "s")


def plot_products(times: dict[str, dict[int, float]]) -> Picture:
    """A figure of `time_products`: seconds a product against the size, and from which size on the GPU is faster.

    Without a GPU, the processor's line alone, and a word that says so. Raises ValueError when there is nothing to draw.
    """
    if not times or not all(times.values()):
        raise ValueError("times should map a name to {size: seconds}, as time_products() gives it; it is empty.")
    figure, (ax,) = new_figure(7.2, 4.2, f"times of products: {', '.join(times)}")
    for (name, line), colour, marker in zip(times.items(), COLOURS, MARKERS, strict=False):
        ax.plot(line.keys(), [1000 * s for s in line.values()], marker=marker, color=colour, label=name, linewidth=1.8)
    ax.set(xscale="log", yscale="log", xlabel="size n of two n x n matrices", ylabel="milliseconds a product")
    sizes = list(times[PROCESSOR])
    ax.set_xticks(sizes, [str(n) for n in sizes])
    ax.minorticks_off()
    ax.legend(fontsize=TEXT_SIZE, frameon=False)
    if len(times) == 1:
        ax.set_title("no GPU here: the processor's half only", size=TEXT_SIZE + 1)
    else:
        ax.set_title("; ".join(verdicts(times)), size=TEXT_SIZE + 1)
        for name in list(times)[1:]:
            if (n := crossover(times[name], times[PROCESSOR])) is not None:
                ax.axvline(n, color=INK, linewidth=0.8, linestyle=":")
    return figure


def verdicts(times: dict[str, dict[int, float]]) -> list[str]:
    """From which size on each line of the GPU is faster than the processor's, in words."""
    said = []
    for name in [name for name in times if name != PROCESSOR]:
        n = crossover(times[name], times[PROCESSOR])
        said.append(f"{name}: {f'faster from {n} on' if n is not None else 'never faster here'}")
    return said
