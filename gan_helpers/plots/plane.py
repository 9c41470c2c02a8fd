"""The GAN of the plane: real points, fakes, what D thinks of every place, and where it pushes G."""

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap

from gan_helpers.datasets.plane import Target, gaussian_mixture_density
from gan_helpers.modes import evaluating
from gan_helpers.plots.figures import FAKE, INK, REAL, TEXT_SIZE, Picture, bare, new_figure
from gan_helpers.plots.moving import MovingPicture, figure_frame, moving_picture

LONGEST = 6.0  # slopes are drawn no longer than this: near a sharp edge of D they grow without bound
CELLS = 60  # the heat map's resolution in each direction
# From "fake" to "real" through white, so that the colour of a place is the colour of the points D expects there.
SCORE_COLOURS = LinearSegmentedColormap.from_list("score", ["#F4B183", "#FFFFFF", "#7FB9DE"])


def _grid() -> torch.Tensor:
    side = torch.linspace(-1, 1, CELLS)
    y, x = torch.meshgrid(side, side, indexing="ij")
    return torch.stack([x.flatten(), y.flatten()], 1)  # (CELLS * CELLS, 2)


def plane_frame(nets, z: torch.Tensor) -> dict[str, torch.Tensor]:
    """What there is to see of a GAN of the plane at this moment, on the processor, without changing the networks.

    `nets` is the pair of generator and discriminator, `z` (N, Z) the inputs to follow. Returns "scores",
    D's probabilities of real over the plane (CELLS, CELLS) in [0, 1]; "fake" (N, 2); "push" (N, 2), the direction in
    which D says that each fake would look more real: the gradient of log D at the fake.
    """
    with evaluating(*nets):
        where = next(nets.discriminator.parameters()).device
        with torch.no_grad():
            scores = nets.discriminator(_grid().to(where)).sigmoid().reshape(CELLS, CELLS).cpu()
            fake = nets.generator(z.to(where))
        fake.requires_grad_()
        log_d = torch.nn.functional.logsigmoid(nets.discriminator(fake)).sum()
        (push,) = torch.autograd.grad(log_d, fake)
    return {"scores": scores, "fake": fake.detach().cpu(), "push": push.cpu()}


def draw_plane(
    ax: Axes, real: torch.Tensor, frame: dict[str, torch.Tensor], *, arrows: int = 40, title: str = ""
) -> None:
    """Draw one `plane_frame` into `ax`: heat map, `real` points (N, 2), fakes, and the push on `arrows` of them."""
    ax.imshow(
        frame["scores"].numpy(), origin="lower", extent=(-1, 1, -1, 1), vmin=0, vmax=1, cmap=SCORE_COLOURS,
        interpolation="bilinear",
    )  # fmt: skip
    ax.scatter(*real[:400].T.numpy(), s=7, c=REAL, linewidths=0, label="real")
    fake, push = frame["fake"].numpy(), frame["push"].numpy()
    if len(fake):
        ax.scatter(*fake[:400].T, s=11, c=FAKE, marker="^", linewidths=0, label="fake")
        if arrows:
            size = np.linalg.norm(push, axis=1, keepdims=True)
            push = push * np.minimum(1, LONGEST / np.maximum(size, 1e-9))
            ax.quiver(*fake[:arrows].T, *push[:arrows].T, color=INK, width=0.004, angles="xy", scale=40)
    ax.set(xlim=(-1.04, 1.04), ylim=(-1.04, 1.04), aspect="equal")  # a little more: fakes may lie in the corners
    ax.set_title(title, size=TEXT_SIZE + 1)
    bare(ax)


def plot_plane(real: torch.Tensor, nets, *, z: torch.Tensor, target: Target | None = None) -> Picture:
    """A figure of a GAN of the plane: real points in blue, fakes as orange triangles, D's opinion as colour.

    Blue places look real to D, orange ones fake, white ones fifty-fifty. Arrows show where D pushes the fakes of `z`.
    With `target`, a second panel shows the best D there can be for this G, D* = p_data / (p_data + p_g) (Goodfellow et
    al. 2014, proposition 1): p_data exactly, p_g estimated from the fakes of `z` (a few hundred at the least).
    """
    frame = plane_frame(nets, z)
    panels = 1 if target is None else 2
    figure, axes = new_figure(4.2 * panels, 4.4, "the plane: real points, fakes, D's scores", columns=panels)
    draw_plane(axes[0], real, frame, title="learned D")
    if target is not None:
        optimal = frame | {"scores": optimal_scores(target, frame["fake"]), "push": frame["push"]}
        draw_plane(axes[1], real, optimal, arrows=0, title="best possible D for this G")
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(
        handles, labels, loc="outside lower center", ncols=2, fontsize=TEXT_SIZE, markerscale=2, frameon=False
    )
    return figure


def show_planes(real: torch.Tensor, frames: dict[str, dict[str, torch.Tensor]]) -> Picture:
    """A figure of several GANs of the plane side by side: `frames` maps a name to its `plane_frame`."""
    figure, axes = new_figure(3.0 * len(frames), 3.3, f"the plane: {', '.join(frames)}", columns=len(frames))
    for ax, (name, frame) in zip(axes, frames.items(), strict=True):
        draw_plane(ax, real, frame, arrows=0, title=name)
    return figure


def optimal_scores(target: Target, fake: torch.Tensor) -> torch.Tensor:
    """D* = p_data / (p_data + p_g) over the plane: (CELLS, CELLS) in [0, 1], p_g estimated from `fake` (N, 2)."""
    places = _grid()
    p_data = target.density(places)
    p_g = gaussian_mixture_density(places, fake, target.spread)
    # Where neither ever has a point, D* is undefined; half of a vanishing density each means "fifty-fifty".
    tiny = 1e-6
    return ((p_data + tiny) / (p_data + p_g + 2 * tiny)).reshape(CELLS, CELLS)


def film(real: torch.Tensor, records: list, *, seconds_a_frame: float = 0.15) -> MovingPicture:
    """The recorded `plane_frame`s as a film with a slider, playable without a kernel or a network.

    `records` is a list of (step, frame), as `training(..., record=...)` keeps them. Raises ValueError when empty.
    """
    if not records:
        raise ValueError("there is nothing to show yet: run the training cell above first.")
    figure, (ax,) = new_figure(4.4, 4.6, "film")
    frames = []
    for step, frame in records:
        ax.clear()
        draw_plane(ax, real, frame, title=f"step {step}")
        frames.append(figure_frame(figure, f"step {step}"))
    return moving_picture(frames, seconds_a_frame)
