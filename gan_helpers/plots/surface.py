"""The loss over the two numbers of a line, with the path of descent on it."""

import torch
from matplotlib.colors import LogNorm

from gan_helpers.descent import Descent, best_line, line_loss
from gan_helpers.plots.figures import FAKE, INK, REAL, TEXT_SIZE, THIRD, Picture, new_figure

SIDE = 3.0  # the surface is drawn for w and b from -SIDE to SIDE
CELLS = 120


def plot_descent(x: torch.Tensor, y: torch.Tensor, run: Descent) -> Picture:
    """A figure of three: the points `x`, `y` (N,) with the line that `run` ended at, the loss surface with its path,
    and the loss at each step."""
    figure, (data, surface, curve) = new_figure(8.4, 3.2, "a line, the loss surface, the loss at each step", columns=3)
    w, b = run.path[-1].tolist()
    ends = torch.tensor([x.min().item(), x.max().item()])
    data.scatter(x, y, s=9, c=REAL, linewidths=0, label="truth")
    data.plot(ends, (w * ends + b).clamp(-50, 50), color=FAKE, linewidth=2, label="model")
    data.set(xlabel="x", ylabel="y", ylim=(y.min().item() - 1, y.max().item() + 1))
    data.set_title(f"w = {w:.2f}, b = {b:.2f}" if not run.diverged else "no line left", size=TEXT_SIZE + 1)
    data.legend(fontsize=TEXT_SIZE, frameon=False)

    side = torch.linspace(-SIDE, SIDE, CELLS, dtype=torch.float64)
    grid_b, grid_w = torch.meshgrid(side, side, indexing="ij")
    loss = line_loss(x.double(), y.double(), grid_w, grid_b)
    lowest = best_line(x, y)
    floor = line_loss(x.double(), y.double(), *lowest).item()
    surface.contourf(grid_w, grid_b, loss, levels=_levels(floor, loss.max().item()), norm=LogNorm(), cmap="Greys")
    surface.plot(*run.path.T, "o-", color=FAKE, markersize=3.5, linewidth=1.4)
    surface.plot(*run.path[0], "o", color=FAKE, markersize=8)
    surface.plot(*lowest, "*", color=THIRD, markersize=13, markeredgecolor="white")
    surface.set(xlim=(-SIDE, SIDE), ylim=(-SIDE, SIDE), xlabel="w", ylabel="b", aspect="equal")
    surface.set_title("loss (dark: high)", size=TEXT_SIZE + 1)

    curve.plot(run.losses, color=INK, linewidth=1.6)
    curve.set(xlabel="step", yscale="log")
    curve.set_title("loss at each step", size=TEXT_SIZE + 1)
    return figure


def _levels(floor: float, top: float) -> list[float]:
    floor = max(floor, 1e-3)
    return [floor * (top / floor) ** (k / 14) for k in range(15)]
