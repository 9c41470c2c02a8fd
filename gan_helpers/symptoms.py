"""What can be seen of a GAN in training, in numbers: the symptoms that the failure museum tells faults by."""

from typing import NamedTuple

import torch

from gan_helpers.metrics import density_and_coverage, separation
from gan_helpers.models.mlp_gan import GAN
from gan_helpers.modes import evaluating

STEPS = 1000  # of the trainings that the verdict is tuned on
RECENT = 200  # steps that the losses are averaged over
PAIRS = 300  # samples whose distances from each other are looked at

# What a complaint about one symptom is called.
_WORDS = {
    "loss_d": "loss_d is low",
    "spread": "the samples are too alike",
    "density": "too few lie among real ones",
}


class Symptoms(NamedTuple):
    """Numbers of one moment of a training.

    `loss_d`, `loss_g`: means over the last 200 steps; `unrest`: the standard deviation of loss_g over them.
    `ranked`: the share of (real, fake) pairs that D ranks right. `spread`: see there. `density` and `coverage`: see
    `density_and_coverage`.
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
        spread=spread(real[:PAIRS], fake[:PAIRS]).item(),
        density=likeness.density,
        coverage=likeness.coverage,
        dark=fake.flatten().kthvalue(max(1, fake.numel() // 20)).values.item(),
    )


def spread(real: torch.Tensor, fake: torch.Tensor) -> torch.Tensor:
    """How much fakes (M, D) differ among themselves: 0 where all are alike, 1 where as much as the real ones (N, D).

    The mean distance between two of them, as a share of that between two real ones; 0-d.
    """
    return torch.pdist(fake).mean() / torch.pdist(real).mean()


def looks_healthy(found: Symptoms) -> bool:
    """Whether a GAN of the museum, after 1,000 steps, shows nothing that healthy ones do not.

    The bounds lie between the twenty healthy trainings of seeds 0 to 19 and the faulty ones of seeds 0 to 2; other
    seeds tried them (see `symptoms_measured`). They hold for these networks, data and steps, and for no others.
    """
    return found.loss_d > 1.23 and found.spread > 0.90 and found.density > 0.15


def complaints(found: Symptoms) -> list[str]:
    """What is unlike health, in words; empty where `looks_healthy`."""
    fine = Symptoms(
        loss_d=1.29, loss_g=0.97, unrest=0.11, ranked=0.79, spread=0.94, density=0.35, coverage=0.46, dark=-1
    )
    return [
        word for name, word in _WORDS.items() if not looks_healthy(fine._replace(**{name: getattr(found, name)}))
    ]  # fmt: skip
