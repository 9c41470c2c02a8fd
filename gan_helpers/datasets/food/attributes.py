"""What there is to see in a drawn picture of food: the ground truth behind pictures, captions and scores."""

import zlib
from collections.abc import Iterator
from itertools import combinations, product
from typing import NamedTuple

import numpy as np

FOODS = ("pizza", "broccoli", "both")
SHAPES = ("whole", "half", "slice")
TOPPINGS = ("pepperoni", "mushrooms", "olives", "basil", "peppers", "onions", "tomatoes", "ham", "pineapple")
COUNTS = (1, 2, 3, 4)
STYLES = ("raw", "dark", "roasted", "cheese sauce")
SURFACES = ("white plate", "black plate", "blue plate", "wooden board", "red napkin", "baking tray", "marble table")
PLATES = SURFACES[:3]  # where both foods can lie together

HELD_OUT_SHARE = 8  # one combination of so many is never trained on


class Food(NamedTuple):
    """What one picture shows.

    `food` is one of FOODS, `surface` one of SURFACES. With pizza: `shape`, one of SHAPES, and `toppings`, none (cheese
    alone), one or two of TOPPINGS in their order there. With broccoli: `count`, one of COUNTS, and `style`, one of
    STYLES. What does not apply is None or (). "both" is a slice with one or two pieces, on a plate.
    """

    food: str
    surface: str
    shape: str | None = None
    toppings: tuple[str, ...] = ()
    count: int | None = None
    style: str | None = None


def check_food(food: Food) -> Food:
    """The same `food`, or a ValueError that names what cannot be together and what could."""
    _expect_in("food", food.food, FOODS)
    _expect_in("surface", food.surface, SURFACES)
    if food.food == "broccoli":
        if food.shape is not None or food.toppings:
            raise ValueError(f"broccoli has neither shape nor toppings; {food.shape!r} and {food.toppings!r} came.")
    else:
        _expect_in("shape", food.shape, SHAPES)
        for topping in food.toppings:
            _expect_in("topping", topping, TOPPINGS)
        if len(food.toppings) > 2 or len(set(food.toppings)) < len(food.toppings):
            raise ValueError(f"toppings should be none, one or two different ones, not {food.toppings!r}.")
        if list(food.toppings) != sorted(food.toppings, key=TOPPINGS.index):
            raise ValueError(f"toppings should come in the order of TOPPINGS, not as {food.toppings!r}.")
    if food.food == "pizza":
        if food.count is not None or food.style is not None:
            raise ValueError(f"pizza has neither count nor style; {food.count!r} and {food.style!r} came.")
    else:
        _expect_in("count", food.count, COUNTS)
        _expect_in("style", food.style, STYLES)
    if food.food == "both":
        if food.shape != "slice" or food.count > 2:
            raise ValueError("both foods together are a slice with one or two pieces of broccoli: "
                             f"shape {food.shape!r} and count {food.count!r} came.")  # fmt: skip
        _expect_in("surface of both foods together", food.surface, PLATES)
    return food


def _expect_in(name: str, value, choices: tuple) -> None:
    if value not in choices:
        raise ValueError(f"{name} should be one of {', '.join(map(str, choices))}, not {value!r}.")


def random_food(rng: np.random.Generator) -> Food:
    """One combination at random: foods 45, 45 and 10 of 100; every value of each attribute equally often."""
    food = FOODS[rng.choice(3, p=[0.45, 0.45, 0.1])]
    surfaces = PLATES if food == "both" else SURFACES
    surface = surfaces[rng.integers(len(surfaces))]
    shape, toppings, count, style = None, (), None, None
    if food != "broccoli":
        shape = "slice" if food == "both" else SHAPES[rng.integers(len(SHAPES))]
        number = rng.choice(3, p=[0.15, 0.5, 0.35])
        toppings = tuple(TOPPINGS[k] for k in sorted(rng.choice(len(TOPPINGS), number, replace=False)))
    if food != "pizza":
        count = int(rng.integers(1, 3 if food == "both" else 5))
        style = STYLES[rng.integers(len(STYLES))]
    return Food(food, surface, shape, toppings, count, style)


def every_food() -> Iterator[Food]:
    """All combinations that can be drawn, 2,182, always in the same order."""
    sets = [choice for number in range(3) for choice in combinations(TOPPINGS, number)]
    yield from (Food("pizza", *rest) for rest in product(SURFACES, SHAPES, sets))
    yield from (Food("broccoli", surface, None, (), *rest) for surface, *rest in product(SURFACES, COUNTS, STYLES))
    yield from (Food("both", *rest) for rest in product(PLATES, ("slice",), sets, COUNTS[:2], STYLES))


def is_held_out(food: Food) -> bool:
    """Whether this combination belongs to the split "held-out": never trained on, though each of its values is.

    Decided by a checksum of the combination alone, the same on every machine.
    """
    return zlib.crc32(repr(tuple(food)).encode()) % HELD_OUT_SHARE == 0
