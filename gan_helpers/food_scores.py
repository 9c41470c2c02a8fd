"""Scores of generated pictures of food: can they be read, are they varied, are they near the real ones?"""

from functools import cache
from typing import NamedTuple

import torch

from gan_helpers.datasets.food.attributes import Food
from gan_helpers.datasets.food.dataset import decode
from gan_helpers.metrics import density_and_coverage, frechet_distance, nearest
from gan_helpers.models.food_reader import CLASSES, FEATURES, FoodReader
from gan_helpers.pixels import as_floats
from gan_helpers.runtime import ALL_THREADS, fast_layout, use_threads
from gan_helpers.weights import load_shipped

CONFIDENT = 0.9
ENOUGH = 2 * FEATURES  # pictures: fewer have no covariance of so many features
PART = 250  # pictures read at a time


class Reading(NamedTuple):
    """What the reader finds in N pictures.

    `codes` (N, 14) uint8, the attributes as `encode` writes them; `confidence` (N,) in [0, 1], the lower one of those
    in food and in surface; `features` (N, 64) float32, the numbers behind both.
    """

    codes: torch.Tensor
    confidence: torch.Tensor
    features: torch.Tensor

    def foods(self) -> list[Food]:
        """The attributes by name. Of a bad picture they need not fit together."""
        return [decode(codes) for codes in self.codes.tolist()]

    def sure(self) -> torch.Tensor:
        """(N,) bool: food and surface were both found, with a confidence over 0.9."""
        return (self.confidence > CONFIDENT) & (self.codes[:, :2] > 0).all(1)


@cache
def food_reader() -> FoodReader:
    """The shipped reader of drawn food, ready to use."""
    reader = FoodReader()
    load_shipped(reader, "reader")
    return fast_layout(reader).eval().requires_grad_(False)


@torch.no_grad()
def read_food(images: torch.Tensor) -> Reading:
    """What the reader finds in `images`, (N, 3, H, W), uint8 or float in [-1, 1], 32 to 128 pixels wide and high.

    It was trained on drawn food of 64 and of 32 pixels, and to be unsure of noise, of strong blur and of pictures mixed
    or cut up; of other nonsense it may be sure, as a classifier has to answer. Raises ValueError for another shape.
    """
    if images.ndim != 4 or images.shape[1] != 3 or min(images.shape[2:]) < 32:
        raise ValueError(f"images should be (N, 3, H, W), 32 pixels or more wide and high, not {tuple(images.shape)}.")
    codes, confidences, features = [], [], []
    with use_threads(ALL_THREADS):
        for part in images.split(PART):
            seen = food_reader().features(as_floats(part.detach().cpu()))
            logits = {name: head(seen) for name, head in food_reader().heads.items()}
            shares = {name: logits[name].softmax(1) for name in CLASSES}
            picked = [shares[name].argmax(1) for name in CLASSES]
            codes.append(torch.cat([torch.stack(picked, 1), (logits["toppings"] > 0).long()], 1).to(torch.uint8))
            confidences.append(torch.minimum(shares["food"].amax(1), shares["surface"].amax(1)))
            features.append(seen)
    return Reading(torch.cat(codes), torch.cat(confidences), torch.cat(features))


class FoodScores(NamedTuple):
    """Scores of a set of pictures of food against real ones.

    `read`, the share in [0, 1] in which the reader finds a food and a surface, each with confidence over 0.9;
    `distance`, the Frechet distance of the reader's 64 features (0 for equal sets; no FID: that takes Inception's);
    `density` and `coverage` among the real ones in those features (see `density_and_coverage`).
    """

    read: float
    distance: float
    density: float
    coverage: float

    def __str__(self) -> str:
        return (
            f"read {self.read:6.1%}  Frechet distance {self.distance:7.2f}  density {self.density:.2f}  "
            f"coverage {self.coverage:4.0%}"
        )


class FoodJudge:
    """Scores pictures against `real` ones, (N, 3, H, W) uint8 or float in [-1, 1], which are read once.

    Raises ValueError for fewer than 128 of either: the distance needs a covariance of 64 features. 1,000 give steady
    numbers; coverage of a second real set is then about 0.97.
    """

    def __init__(self, real: torch.Tensor):
        _expect_enough("real", real)
        self._real = read_food(real).features

    def __call__(self, images: torch.Tensor) -> FoodScores:
        _expect_enough("images", images)
        reading = read_food(images)
        likeness = density_and_coverage(self._real, reading.features)
        return FoodScores(
            reading.sure().float().mean().item(), frechet_distance(self._real, reading.features), *likeness
        )


def nearest_pictures(images: torch.Tensor, training: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """For each of the `images` its nearest one of `training`, both (N, 3, H, W): distances (N,) and indices (N,).

    Euclidean over pixels in [-1, 1]: a copy has distance 0. uint8 or float in [-1, 1].
    """
    with use_threads(ALL_THREADS):
        return nearest(as_floats(images.detach().cpu()).flatten(1), as_floats(training.detach().cpu()).flatten(1))


def _expect_enough(name: str, images: torch.Tensor) -> None:
    if len(images) < ENOUGH:
        raise ValueError(f"{name} should hold {ENOUGH} pictures or more, better 1,000; {len(images)} came.")
