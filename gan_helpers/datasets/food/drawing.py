"""A picture of food from its attributes and a seed."""

import math

import numpy as np
from PIL import Image

from gan_helpers.datasets.food.attributes import Food, check_food
from gan_helpers.datasets.food.broccoli import draw_broccoli
from gan_helpers.datasets.food.canvas import cast_shadow, light_up
from gan_helpers.datasets.food.pizza import PIECES, draw_pizza
from gan_helpers.datasets.food.surfaces import draw_surface

SMALLEST, LARGEST = 16, 256  # pixels
# Room for food, as a share of the picture: what lies on a plate keeps off its rim.
ROOM = {"pizza": (0.7, 0.78), "broccoli": (0.66, 0.74), "both": (0.44, 0.5)}
ROOM_OF_LARGE = ROOM | {"both": (0.5, 0.55)}


def draw_food(
    food: Food, size: int, rng: np.random.Generator, *, shown: str = "toppings", pieces: str = "small"
) -> np.ndarray:
    """A picture of `food`: (size, size, 3) uint8. What the attributes leave open comes from `rng`.

    `shown` is what lies on a pizza's cheese (see `draw_pizza`): the same `rng` gives the same picture without its
    toppings. `pieces` of topping are many "small" or few "large" ones. Raises ValueError for attributes that cannot be
    together, for a size outside 16 to 256 pixels and for other pieces.
    """
    check_food(food)
    if pieces not in PIECES:
        raise ValueError(f"pieces should be one of {', '.join(map(repr, PIECES))}, not {pieces!r}.")
    if not SMALLEST <= size <= LARGEST:
        raise ValueError(f"size should be from {SMALLEST} to {LARGEST} pixels, not {size}.")
    side = size * (4 if size <= 96 else 2)  # drawn larger, then shrunk: smooth edges
    light = rng.uniform(math.pi, 1.5 * math.pi) + rng.normal(0, 0.2)  # from above, left
    image, x, y = draw_surface(food.surface, side, rng, light)
    room = rng.uniform(*(ROOM if pieces == "small" else ROOM_OF_LARGE)[food.food]) * side
    if food.food == "both":
        turn = rng.uniform(0, 2 * math.pi)
        dx, dy = 0.205 * side * math.cos(turn), 0.205 * side * math.sin(turn)
        _lay(
            image,
            draw_pizza("slice", food.toppings, round(room), rng, shown=shown, pieces=pieces),
            x - dx,
            y - dy,
            light,
        )
        _lay(image, draw_broccoli(food.count, food.style, round(room * 0.92), rng), x + dx, y + dy, light)
    elif food.food == "pizza":
        _lay(image, draw_pizza(food.shape, food.toppings, round(room), rng, shown=shown, pieces=pieces), x, y, light)
    else:
        _lay(image, draw_broccoli(food.count, food.style, round(room * 1.12), rng), x, y, light)
    image = light_up(image, light, contrast=rng.uniform(0.05, 0.16))
    return np.asarray(image.resize((size, size), Image.Resampling.BOX))


def _lay(ground: Image.Image, thing: Image.Image, x: float, y: float, light: float) -> None:
    """Put `thing` on `ground`, in place, its middle at (x, y), with its shadow."""
    corner = round(x - thing.width / 2), round(y - thing.height / 2)
    alpha = Image.new("L", ground.size)
    alpha.paste(thing.getchannel("A"), corner)
    cast_shadow(ground, alpha, light, length=ground.width * 0.016, strength=0.5)
    ground.paste(thing, corner, thing)
