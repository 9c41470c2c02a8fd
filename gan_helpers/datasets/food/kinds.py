"""Pizzas of one kind, each with what it would be without its toppings: the sets without pairs of lesson 07."""

import functools
from typing import NamedTuple

import numpy as np
import torch

from gan_helpers.datasets.cache import cached_arrays
from gan_helpers.datasets.food.attributes import SHAPES, SURFACES, TOPPINGS, Food, check_food
from gan_helpers.datasets.food.dataset import VERSION, check_drawable, decode, encode
from gan_helpers.datasets.food.drawing import draw_food
from gan_helpers.datasets.food.parallel import drawn_in_parts


class Pizzas(NamedTuple):
    """`images` (N, 3, size, size) uint8; `bare`, the same pictures without toppings, to the pixel; `room` (N, size,
    size) bool, where toppings could lie: within the rim; `foods`, what the N pictures show."""

    images: torch.Tensor
    bare: torch.Tensor
    room: torch.Tensor
    foods: list[Food]


def load_pizzas(topping: str | None = None, *, size: int = 64, n: int = 2_000, seed: int = 0) -> Pizzas:
    """`n` drawn pizzas with one `topping`, or with cheese alone: every shape and surface equally often.

    Those of two kinds, or of two seeds, have nothing to do with each other. Drawn at the first call and kept, as
    `load_food` does. Raises ValueError for a topping that is not one of TOPPINGS, a size outside 16 to 256, an `n`
    below 1 or a `seed` below 0.
    """
    check_food(Food("pizza", SURFACES[0], SHAPES[0], _toppings(topping)))
    check_drawable(size, n, seed)
    name = f"pizzas-{topping or 'cheese'}-{size}px-{n}-seed{seed}-v{VERSION}"
    draw = functools.partial(_draw_some, topping, size, seed)
    arrays = cached_arrays(name, lambda: drawn_in_parts(draw, n, "pizzas"), compressed=False)
    images, bare, room = (torch.from_numpy(arrays[key]) for key in ("images", "bare", "room"))
    return Pizzas(images, bare, room, [decode(row) for row in arrays["codes"]])


def _toppings(topping: str | None) -> tuple[str, ...]:
    return () if topping is None else (topping,)


def _draw_some(topping: str | None, size: int, seed: int, numbers: range) -> dict[str, np.ndarray]:
    kind = 0 if topping is None else 1 + TOPPINGS.index(topping)
    rows = {"images": [], "bare": [], "room": [], "codes": []}
    for number in numbers:
        choose = np.random.default_rng([seed, 7, kind, number])
        surface, shape = SURFACES[choose.integers(len(SURFACES))], SHAPES[choose.integers(len(SHAPES))]
        food = Food("pizza", surface, shape, _toppings(topping))
        drawn = {
            shown: draw_food(food, size, np.random.default_rng([seed, 8, kind, number]), shown=shown)
            for shown in ("toppings", "nothing", "cover")
        }
        rows["images"].append(drawn["toppings"].transpose(2, 0, 1))
        rows["bare"].append(drawn["nothing"].transpose(2, 0, 1))
        rows["room"].append((drawn["cover"] != drawn["nothing"]).any(-1))
        rows["codes"].append(encode(food))
    return {name: np.stack(values) for name, values in rows.items()}
