"""Pizza and broccoli, drawn by the course: any number of pictures, each knowing what it shows."""

from gan_helpers.datasets.food.attributes import Food, check_food, is_held_out, random_food
from gan_helpers.datasets.food.captions import Caption, captions
from gan_helpers.datasets.food.dataset import FoodPictures, load_food
from gan_helpers.datasets.food.drawing import draw_food

__all__ = [
    "Caption",
    "Food",
    "FoodPictures",
    "captions",
    "check_food",
    "draw_food",
    "is_held_out",
    "load_food",
    "random_food",
]
