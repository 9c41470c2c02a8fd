"""Sets of drawn food: the same pictures for the same seed, drawn once on all cores and kept."""

import functools
from typing import NamedTuple

import numpy as np
import torch

from gan_helpers.datasets.cache import cached_arrays
from gan_helpers.datasets.food.attributes import (
    COUNTS,
    FOODS,
    SHAPES,
    STYLES,
    SURFACES,
    TOPPINGS,
    Food,
    is_held_out,
    random_food,
)
from gan_helpers.datasets.food.captions import Caption, captions
from gan_helpers.datasets.food.drawing import LARGEST, SMALLEST, draw_food
from gan_helpers.datasets.food.parallel import drawn_in_parts
from gan_helpers.datasets.food.spoken import spoken_caption

VERSION = 1  # of the drawing: whoever changes what a picture looks like counts on
SPLITS = ("train", "held-out")
CAPTIONS = 5  # of each picture


class FoodPictures(NamedTuple):
    """`images` (N, 3, size, size) uint8; `foods`, the N attributes they show; `seeds` (N, 3), what drew each."""

    images: torch.Tensor
    foods: list[Food]
    seeds: np.ndarray

    def captions(self, number: int) -> list[Caption]:
        """The five captions of picture `number`, always the same ones."""
        return captions(self.foods[number], np.random.default_rng([*self.seeds[number], 1]), CAPTIONS)

    def spoken_captions(self, number: int, n: int) -> list[Caption]:
        """`n` captions of picture `number` in the words people use, always the same ones (see `spoken`)."""
        rng = np.random.default_rng([*self.seeds[number], 2])
        return [spoken_caption(self.foods[number], rng) for _ in range(n)]


def load_food(
    split: str = "train", *, size: int = 64, n: int = 10_000, seed: int = 0, pieces: str = "small"
) -> FoodPictures:
    """`n` drawn pictures of pizza and broccoli, `size` pixels wide and high, with what each of them shows.

    The splits "train" and "held-out" share no combination of attributes (see `is_held_out`). Drawn at the first call,
    on all cores, and kept in the cache folder; smaller sets are the beginning of larger ones of the same seed.
    `pieces` of topping are "small", as the weights that ship know them, or "large". Raises ValueError for another
    split, a size outside 16 to 256, an `n` below 1, a `seed` below 0 and other pieces.
    """
    if split not in SPLITS:
        raise ValueError(f"split should be one of {', '.join(map(repr, SPLITS))}, not {split!r}.")
    check_drawable(size, n, seed)
    name = f"food{'' if pieces == 'small' else f'-{pieces}'}-{split}-{size}px-{n}-seed{seed}-v{VERSION}"
    draw = functools.partial(_draw_some, split, size, seed, pieces)

    def make() -> dict[str, np.ndarray]:
        seeds = np.stack([np.full(n, seed), np.full(n, SPLITS.index(split)), np.arange(n)], 1)
        return drawn_in_parts(draw, n, "pictures of food") | {"seeds": seeds}

    arrays = cached_arrays(name, make, compressed=False)
    images = torch.from_numpy(arrays["images"])
    return FoodPictures(images, [decode(row) for row in arrays["codes"]], arrays["seeds"])


def food_of(split: str, number: int, seed: int) -> tuple[Food, np.random.Generator]:
    """What picture `number` of a split shows, and the random numbers that go on to draw it."""
    rng = np.random.default_rng([seed, SPLITS.index(split), number])
    while is_held_out(food := random_food(rng)) != (split == "held-out"):
        pass
    return food, rng


def check_drawable(size: int, n: int, seed: int) -> None:
    """Raise ValueError for a size outside 16 to 256 pixels, an `n` below 1 or a `seed` below 0."""
    if not SMALLEST <= size <= LARGEST:
        raise ValueError(f"size should be from {SMALLEST} to {LARGEST} pixels, not {size!r}.")
    if n < 1 or seed < 0:
        raise ValueError(f"n should be 1 or more and seed 0 or more, not {n!r} and {seed!r}.")


def _draw_some(split: str, size: int, seed: int, pieces: str, numbers: range) -> dict[str, np.ndarray]:
    images, codes = [], []
    for number in numbers:
        food, rng = food_of(split, number, seed)
        images.append(draw_food(food, size, rng, pieces=pieces).transpose(2, 0, 1))
        codes.append(encode(food))
    return {"images": np.stack(images), "codes": np.stack(codes)}


# One number for each attribute, 0 for "does not apply"; then a 0 or 1 for each topping.
_LISTS = (FOODS, SURFACES, SHAPES, COUNTS, STYLES)
_WIDTH = len(_LISTS) + len(TOPPINGS)


def encode(food: Food) -> np.ndarray:
    """The attributes as numbers, (14,) uint8: for files, and for networks to be told what a picture shows."""
    values = (food.food, food.surface, food.shape, food.count, food.style)
    codes = [0 if value is None else choices.index(value) + 1 for value, choices in zip(values, _LISTS, strict=True)]
    return np.array(codes + [topping in food.toppings for topping in TOPPINGS], np.uint8)


def decode(codes: np.ndarray) -> Food:
    """The attributes behind the numbers of `encode`."""
    picked = [choices[code - 1] if code else None for code, choices in zip(codes, _LISTS, strict=False)]
    kind, surface, shape, count, style = picked
    toppings = tuple(name for name, there in zip(TOPPINGS, codes[len(_LISTS) :], strict=True) if there)
    return Food(kind, surface, shape, toppings, count, style)


def codes_of(pictures: FoodPictures) -> torch.Tensor:
    """What each picture shows as numbers, (N, 14) uint8 (see `encode`)."""
    return torch.from_numpy(np.stack([encode(food) for food in pictures.foods]))
