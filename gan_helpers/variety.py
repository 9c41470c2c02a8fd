"""How different are the pictures that a generator draws of one caption? Measured beside drawings of the same food."""

from functools import cache
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from gan_helpers.datasets.food.attributes import Food
from gan_helpers.datasets.food.drawing import draw_food
from gan_helpers.models.efficientnet_lite import FirstStages
from gan_helpers.pixels import as_floats
from gan_helpers.runtime import place

STAGES = 5  # of EfficientNet-Lite2, which no training of the course uses: maps of 32 to 4 pixels for a picture of 64
GRID = 4  # cells in each direction in which a map is averaged: where things lie counts, single pixels do not
COARSE = 16  # pixels of the copies in which fine grain is gone
PART = 100  # pictures looked at together


class Variety(NamedTuple):
    """Of each of C captions, (C,) float32: `fine`, variety in the pictures as they are, and `coarse`, in copies of 16
    pixels, so that grain and noise do not pass for variety. 0: all alike; 1: as varied as drawings of the same food."""

    fine: torch.Tensor
    coarse: torch.Tensor


@cache
def _network() -> nn.Module:
    return place(FirstStages("lite2", STAGES)).eval()


@torch.no_grad()
def _features(images: torch.Tensor) -> torch.Tensor:
    """What the network sees in `images` (N, 3, H, W): (N, D), the averaged maps of each stage with length 1."""
    where, rows = next(_network().parameters()).device, []
    for part in as_floats(images).split(PART):
        maps = _network()(part.to(where))
        cells = [F.normalize(F.adaptive_avg_pool2d(each.float(), GRID).flatten(1), dim=1) for each in maps]
        rows.append(torch.cat(cells, 1).cpu())
    return torch.cat(rows)


def coarse_copies(images: torch.Tensor) -> torch.Tensor:
    """`images` (N, 3, H, W), uint8 or float in [-1, 1], without what is smaller than a sixteenth of their width."""
    small = F.interpolate(as_floats(images), size=COARSE, mode="area")
    return F.interpolate(small, size=images.shape[2:], mode="bilinear", align_corners=False)


def spread(features: torch.Tensor) -> float:
    """The mean squared distance between two different rows of `features` (N, D); 0 for fewer than two rows."""
    if len(features) < 2:
        return 0.0
    return 2 * features.double().var(0).sum().item()  # sum of (a - b)^2 over pairs is N times that round the mean


def variety(made: torch.Tensor, drawn: torch.Tensor, right: torch.Tensor) -> Variety:
    """The variety within each caption, as a share of that of drawings: mean squared distances of what a network sees.

    `made` (C, K, 3, H, W), uint8 or float in [-1, 1], are K pictures of each of C captions; `drawn` (C, M, 3, H, W),
    M drawings of the food that each caption describes in full; `right` (C, K) bool says in which pictures everything
    was read as asked. Only those count, and a caption with fewer than two of them gets 0: noise and wrong pictures earn
    nothing. Distances within one condition as a measure of diversity: Zhu et al. 2017b (BicycleGAN), section 4.1, who
    take other features (LPIPS). Raises ValueError for shapes that do not fit each other.
    """
    if made.ndim != 5 or drawn.ndim != 5 or len(made) != len(drawn) or right.shape != made.shape[:2]:
        raise ValueError(
            f"made should be (C, K, 3, H, W), drawn (C, M, 3, H, W) and right (C, K); {tuple(made.shape)}, "
            f"{tuple(drawn.shape)} and {tuple(right.shape)} came."
        )
    shares = []
    for copies in (lambda images: images, coarse_copies):
        ours, theirs = (
            _features(copies(images.flatten(0, 1))).unflatten(0, images.shape[:2]) for images in (made, drawn)
        )
        shares.append([spread(own[keep]) / spread(real) for own, real, keep in zip(ours, theirs, right, strict=True)])
    return Variety(*map(torch.tensor, shares))


def drawings(foods: list[Food], each: int, *, size: int = 64, seed: int = 0) -> torch.Tensor:
    """`each` different drawings of every one of `foods`: (len(foods), each, 3, size, size) uint8."""
    rows = [
        [draw_food(food, size, np.random.default_rng([seed, row, number])) for number in range(each)]
        for row, food in enumerate(foods)
    ]
    return torch.from_numpy(np.array(rows)).permute(0, 1, 4, 2, 3).contiguous()
