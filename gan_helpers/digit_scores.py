"""Scores of generated digits: can they be read, is every digit there, are they copies?"""

from functools import cache
from typing import NamedTuple

import torch

from gan_helpers.datasets.digits import load_digits
from gan_helpers.metrics import density_and_coverage, nearest
from gan_helpers.models.digit_reader import build_digit_reader
from gan_helpers.weights import load_shipped

CONFIDENT = 0.9


class DigitScores(NamedTuple):
    """Scores of a set of digits.

    `read`, the share in [0, 1] that the reader names with confidence over 0.9; `shares` (10,), how much of the set is
    read as each digit; `density` and `coverage` against 1,000 training digits (see `density_and_coverage`); `distance`,
    the mean Euclidean distance to the nearest training digit, of 784 pixels in [-1, 1]: near 0 for copies.
    """

    read: float
    shares: torch.Tensor
    density: float
    coverage: float
    distance: float

    def __str__(self) -> str:
        return (
            f"read {self.read:5.1%}  each digit {self.shares.min():.1%} to {self.shares.max():.1%}  "
            f"density {self.density:.2f}  coverage {self.coverage:.0%}  distance {self.distance:.2f}"
        )


@cache
def digit_reader() -> torch.nn.Module:
    """The shipped reader of digits, ready to use: (N, 1, 28, 28) in [-1, 1] -> class logits (N, 10)."""
    reader = build_digit_reader()
    load_shipped(reader, "digit_reader")
    return reader.eval().requires_grad_(False)


@cache
def _flat_digits() -> torch.Tensor:
    return load_digits("train").images.flatten(1).float() / 127.5 - 1


@torch.no_grad()
def read_digits(images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Which digit each image shows, and how sure the reader is of it: (N,) int64 in [0, 9] and (N,) in [0, 1].

    `images` (N, 784) or (N, 1, 28, 28) float in [-1, 1]. It was trained to be unsure of noise and of strong blur; of
    other nonsense it may be sure, as a classifier has to answer.
    """
    logits = torch.cat([digit_reader()(part) for part in images.reshape(-1, 1, 28, 28).float().cpu().split(500)])
    confidence, digits = logits.softmax(1).max(1)
    return digits, confidence


@torch.no_grad()
def score_digits(images: torch.Tensor) -> DigitScores:
    """Score `images`, (N, 784) or (N, 1, 28, 28) float in [-1, 1]; 1,000 or more give steady numbers."""
    flat = images.flatten(1).float().cpu()
    digits, confidence = read_digits(flat)
    train = _flat_digits()
    density, coverage = density_and_coverage(train[::4], flat[:1000])
    return DigitScores(
        (confidence > CONFIDENT).float().mean().item(),
        digits.bincount(minlength=10) / len(digits),
        density,
        coverage,
        nearest(flat, train)[0].mean().item(),
    )
