"""Films of trainings, which ship: what the same z became as a network learned."""

from typing import NamedTuple

import torch

from gan_helpers.weights import card, load_tensors


class Film(NamedTuple):
    """`frames` (T, N, C, H, W) uint8, the samples of the same N z at each of the T `steps`; `card`, what made them."""

    frames: torch.Tensor
    steps: list[int]
    card: dict


def load_film(name: str) -> Film:
    """The shipped film `name`. Raises KeyError, naming what ships, for another name; ValueError for a damaged file."""
    stored = load_tensors(name)
    return Film(stored["frames"], stored["steps"].tolist(), card(name))


def as_bytes(samples: torch.Tensor) -> torch.Tensor:
    """`samples` float in [-1, 1] as uint8 in [0, 255]."""
    return ((samples.clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8)
