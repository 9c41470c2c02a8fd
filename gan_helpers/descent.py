"""Gradient descent on a line y = w x + b, where the loss over (w, b) can be drawn and everything is known exactly."""

from typing import NamedTuple

import torch

DIVERGED = 1e6  # a loss beyond this will not come back


class Descent(NamedTuple):
    """`path` (steps + 1, 2) float64, the points (w, b) from start to end; `losses` (steps + 1,), the loss at each."""

    path: torch.Tensor
    losses: torch.Tensor

    @property
    def diverged(self) -> bool:
        """Whether the loss left for infinity."""
        return not bool(self.losses[-1] < DIVERGED)


def line_loss(x: torch.Tensor, y: torch.Tensor, w: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """The mean squared error of w x + b for points `x`, `y` (N,), at each pair of `w` and `b`, of any same shape."""
    return ((w[..., None] * x + b[..., None] - y) ** 2).mean(-1)


def _curvature(x: torch.Tensor) -> torch.Tensor:
    """The matrix of second derivatives of the loss, (2, 2): the same everywhere."""
    ones = torch.ones_like(x)
    design = torch.stack([x, ones], 1)
    return 2 * design.T @ design / len(x)


def largest_stable_rate(x: torch.Tensor) -> float:
    """The learning rate from which on descent diverges: 2 / the largest curvature of the loss of points at `x` (N,)."""
    return 2 / torch.linalg.eigvalsh(_curvature(x.double()))[-1].item()


def best_line(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """The (w, b) of the lowest loss, (2,) float64: least squares, solved at once."""
    design = torch.stack([x, torch.ones_like(x)], 1).double()
    return torch.linalg.lstsq(design, y.double()[:, None]).solution[:, 0]


def descend(x: torch.Tensor, y: torch.Tensor, learning_rate: float, *, start=(-2.0, 2.0), steps: int = 40) -> Descent:
    """Follow the slope of the loss of w x + b from `start` for `steps` steps, fewer once the loss passes 1e6.

    `x`, `y` (N,) are the points. Raises ValueError for a learning rate that is not above 0.
    """
    if not learning_rate > 0:
        raise ValueError(f"learning_rate should be above 0, not {learning_rate!r}.")
    x, y = x.double(), y.double()
    place = torch.tensor(start, dtype=torch.float64)
    path = [place]
    losses = [line_loss(x, y, *place)]
    for _ in range(steps):
        if losses[-1] >= DIVERGED:
            break
        error = place[0] * x + place[1] - y
        place = place - learning_rate * 2 * torch.stack([(error * x).mean(), error.mean()])
        path.append(place)
        losses.append(line_loss(x, y, *place))
    return Descent(torch.stack(path), torch.stack(losses))


def explore_learning_rate(x: torch.Tensor, y: torch.Tensor) -> None:
    """Show the loss surface of a line through `x`, `y` (N,) with the path of descent, and a slider for its rate."""
    import ipywidgets

    from gan_helpers.plots.figures import encode_png
    from gan_helpers.plots.surface import plot_descent
    from gan_helpers.widgets import display_widget

    limit = largest_stable_rate(x)
    rate = ipywidgets.FloatLogSlider(
        value=limit / 8, base=10, min=-3, max=0.3, step=0.02, description="learning rate", readout_format=".3f",
        style={"description_width": "initial"}, layout={"width": "460px"},
    )  # fmt: skip
    screen = ipywidgets.Image(format="png")
    said = ipywidgets.HTML()

    def draw(change=None) -> None:
        run = descend(x, y, rate.value)
        screen.value = encode_png(plot_descent(x, y, run))
        said.value = f'<div role="status">{outcome(run, rate.value, limit)}</div>'

    rate.observe(draw, "value")
    draw()
    display_widget(ipywidgets.VBox([rate, said, screen]), "the loss surface, with a slider for the learning rate")


def outcome(run: Descent, learning_rate: float, limit: float) -> str:
    """What the descent came to, in one sentence; `limit` is the largest stable rate."""
    steps = len(run.losses) - 1
    if run.diverged:
        return f"diverged: the loss passed a million after {steps} steps. Beyond {limit:.3f} every step overshoots."
    if learning_rate >= limit:
        return (
            f"diverging: the loss is {run.losses[-1]:.3g} after {steps} steps, and growing. The limit is {limit:.3f}."
        )
    first, last = run.losses[0], run.losses[-1]
    return f"loss {last:.4f} after {steps} steps, from {first:.2f}. It would diverge from {limit:.3f} on."
