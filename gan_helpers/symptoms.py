"""What can be seen of a GAN in training, in numbers: the symptoms that the failure museum tells faults by."""

from typing import NamedTuple

import torch

from gan_helpers.metrics import density_and_coverage, separation
from gan_helpers.models.mlp_gan import GAN
from gan_helpers.modes import evaluating

RECENT = 200  # steps that the losses are averaged over
PAIRS = 300  # samples whose distances from each other are looked at


class Symptoms(NamedTuple):
    """Numbers of one moment of a training.

    `loss_d`, `loss_g`: means over the last 200 steps; `unrest`: the standard deviation of loss_g over them.
    `ranked`: the share of (real, fake) pairs that D ranks right. `spread`: the mean distance between two samples, as a
    share of that between two real ones: 0 where all are alike. `density` and `coverage`: see `density_and_coverage`.
    `dark`: what a twentieth of all the samples' pixels are darker than, in [-1, 1].
    """

    loss_d: float
    loss_g: float
    unrest: float
    ranked: float
    spread: float
    density: float
    coverage: float
    dark: float


@torch.no_grad()
def examine(real: torch.Tensor, nets: GAN, z: torch.Tensor, losses: torch.Tensor) -> Symptoms:
    """The symptoms of `nets`, which stay as they were.

    `real` (N, D) in [-1, 1] are some 500 real samples, `z` (M, Z) as many inputs, `losses` (steps, 2) all loss_d and
    loss_g so far. Raises ValueError where there are none.
    """
    if losses.ndim != 2 or losses.shape[1] != 2 or len(losses) == 0:
        raise ValueError(f"losses should be (steps, 2), a row of loss_d and loss_g a step, not {tuple(losses.shape)}.")
    with evaluating(*nets):
        fake = nets.generator(z)
        ranked = separation(nets.discriminator(real), nets.discriminator(fake))
    recent = losses[-RECENT:].double()
    likeness = density_and_coverage(real, fake)
    return Symptoms(
        loss_d=recent[:, 0].mean().item(),
        loss_g=recent[:, 1].mean().item(),
        unrest=recent[:, 1].std(unbiased=False).item(),
        ranked=ranked,
        spread=(torch.pdist(fake[:PAIRS]).mean() / torch.pdist(real[:PAIRS]).mean()).item(),
        density=likeness.density,
        coverage=likeness.coverage,
        dark=fake.flatten().kthvalue(max(1, fake.numel() // 20)).values.item(),
    )
