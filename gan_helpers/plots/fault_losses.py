"""Both losses of many trainings of the failure museum, a sign of its own for each fault."""

from collections.abc import Iterable

from gan_helpers.museum_labels import NO_FAULT
from gan_helpers.plots.figures import COLOURS, INK, MARKERS, Picture, new_figure
from gan_helpers.symptoms_measured import Case


def plot_fault_losses(cases: Iterable[Case]) -> Picture:
    """A figure of loss_g against loss_d at the end of each training, see `measured_cases`."""
    figure, (ax,) = new_figure(8.4, 4.0, "loss of G against loss of D, by fault")
    by_fault: dict[str, list] = {NO_FAULT: []}
    for case in cases:
        by_fault.setdefault(case.fault, []).append((case.found.loss_d, case.found.loss_g))
    for number, (name, losses) in enumerate(by_fault.items()):
        style = {"color": COLOURS[number % len(COLOURS)], "marker": MARKERS[(number + number // 6) % len(MARKERS)]}
        ax.plot(*zip(*losses, strict=True), linestyle="", label=name, **style)
    ax.set_xlabel("loss_d", color=INK)
    ax.set_ylabel("loss_g", color=INK)
    ax.legend(loc="center left", bbox_to_anchor=(1.01, 0.5), frameon=False)
    return figure
