"""Point clouds in the plane whose density is known exactly: small enough to see everything a GAN does."""

import math
from typing import NamedTuple

import torch

SPREAD = 0.06  # standard deviation of the cloud round each centre


class Target(NamedTuple):
    """Where real points come from: an equal mixture of round Gaussians.

    `centres` is (K, 2) float32, `spread` their common standard deviation, in the units of the plane [-1, 1] x [-1, 1].
    """

    centres: torch.Tensor
    spread: float = SPREAD

    def sample(self, n: int, *, seed: int | None = None) -> torch.Tensor:
        """`n` real points: (n, 2) float32 in [-1, 1]; the same ones again for the same `seed`."""
        generator = torch.Generator()
        generator.manual_seed(torch.seed() if seed is None else seed)
        chosen = torch.randint(len(self.centres), (n,), generator=generator)
        noise = torch.randn(n, 2, generator=generator) * self.spread
        return (self.centres[chosen] + noise).clamp(-1, 1)

    def density(self, points: torch.Tensor) -> torch.Tensor:
        """p_data at each of the `points` (N, 2): (N,), per unit of area."""
        return gaussian_mixture_density(points, self.centres, self.spread)


def gaussian_mixture_density(points: torch.Tensor, centres: torch.Tensor, spread: float) -> torch.Tensor:
    """The density (N,) at `points` (N, 2) of an equal mixture of Gaussians round `centres` (K, 2).

    With samples as centres this is a kernel density estimate (Parzen 1962) of whatever the samples were drawn from.
    """
    squared = torch.cdist(points, centres).square()  # (N, K)
    return (-squared / (2 * spread**2)).exp().mean(1) / (2 * math.pi * spread**2)


def _ring() -> torch.Tensor:
    angle = torch.arange(8) * (2 * math.pi / 8)
    return 0.75 * torch.stack([angle.cos(), angle.sin()], 1)


def _grid() -> torch.Tensor:
    side = torch.linspace(-0.7, 0.7, 4)
    return torch.cartesian_prod(side, side)


def _spiral() -> torch.Tensor:
    angle = torch.linspace(0.6, 3.6 * math.pi, 60)
    return 0.8 * (angle / angle.max())[:, None] * torch.stack([angle.cos(), angle.sin()], 1)


def _moons() -> torch.Tensor:
    angle = torch.linspace(0, math.pi, 30)
    upper = torch.stack([angle.cos() - 0.5, angle.sin() - 0.25], 1)
    return 0.55 * torch.cat([upper, -upper])


SHAPES = {"ring": _ring, "grid": _grid, "spiral": _spiral, "moons": _moons}


def target(shape: str | list) -> Target:
    """The real points of a lesson: "ring", "grid", "spiral" or "moons", or a list of your own (x, y) points.

    Your points must lie in [-0.85, 0.85], so that the clouds round them stay in the picture. Raises ValueError for
    another word, no points, or points outside.
    """
    if isinstance(shape, str):
        if shape not in SHAPES:
            raise ValueError(f"shape should be one of {', '.join(SHAPES)}, or a list of (x, y) points, not {shape!r}.")
        return Target(SHAPES[shape]())
    try:
        centres = torch.as_tensor(shape, dtype=torch.float32)
    except (TypeError, ValueError) as error:
        raise ValueError(f"your points should look like [(0.5, 0.0), (-0.5, 0.2)], but: {error}") from error
    if centres.ndim != 2 or centres.shape[1] != 2 or len(centres) == 0:
        raise ValueError(f"your points should be pairs such as [(0.5, 0.0)], not of shape {tuple(centres.shape)}.")
    if not (centres.abs() <= 0.85).all():
        raise ValueError("your points should lie between -0.85 and 0.85 in both directions.")
    return Target(centres)
