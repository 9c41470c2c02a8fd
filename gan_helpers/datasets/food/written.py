"""Captions that people wrote of photos of pizza and broccoli, with what they state: COCO's, CC BY 4.0 (see NOTICE)."""

import json
from functools import cache
from importlib.resources import files

import numpy as np

from gan_helpers.datasets.food.attributes import Food
from gan_helpers.datasets.food.captions import Caption

HALVES = ("tuning", "reporting")
FILE = "written_captions.json"


@cache
def written_captions(half: str) -> tuple[Caption, ...]:
    """The first half of the 159 captions, "tuning", to improve the course by, or the second, "reporting", to score it.

    What a caption states was found by rules. Its `toppings` are those that it names: there may be more, but () means
    cheese alone. Raises ValueError for another half.
    """
    if half not in HALVES:
        raise ValueError(f"half should be one of {', '.join(map(repr, HALVES))}, not {half!r}.")
    rows = json.loads(files(__package__).joinpath(FILE).read_text(encoding="utf-8"))["captions"]
    middle = len(rows) // 2
    rows = rows[:middle] if half == HALVES[0] else rows[middle:]
    return tuple(
        Caption(row["text"], {name: _value(name, said) for name, said in row["states"].items()}) for row in rows
    )


def _value(name: str, said):
    return tuple(said) if name == "toppings" else said


def shows(food: Food, stated: dict) -> dict[str, bool]:
    """Attribute -> whether `food` shows what a written caption states of it: of the toppings, all that are named."""
    right = {name: getattr(food, name) == value for name, value in stated.items() if name != "toppings"}
    if "toppings" in stated:
        named = stated["toppings"]
        right["toppings"] = set(named) <= set(food.toppings) if named else not food.toppings
    return right


def written_match(captions: tuple[Caption, ...], seen: list[list[Food]]) -> dict[str, float]:
    """Attribute -> the share, in [0, 1], of pictures that show what their caption states of it.

    `seen` has, for each caption, what was read in each picture drawn of it. Attributes that no caption states are left
    out. Raises ValueError unless there is a list for each caption.
    """
    if len(captions) != len(seen):
        raise ValueError(f"seen should have a list for each of the {len(captions)} captions, not {len(seen)}.")
    right: dict[str, list[bool]] = {}
    for caption, foods in zip(captions, seen, strict=True):
        for food in foods:
            for name, holds in shows(food, caption.stated).items():
                right.setdefault(name, []).append(holds)
    return {name: float(np.mean(values)) for name, values in right.items()}
