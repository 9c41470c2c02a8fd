"""English captions of drawn food, with what each of them states."""

from typing import NamedTuple

import numpy as np

from gan_helpers.datasets.food.attributes import Food

# topping -> as an adjective before "pizza", and as what lies on it
TOPPING_WORDS = {
    "pepperoni": ("pepperoni", "pepperoni"),
    "mushrooms": ("mushroom", "mushrooms"),
    "olives": ("olive", "olives"),
    "basil": ("basil", "basil"),
    "peppers": ("green pepper", "green peppers"),
    "onions": ("onion", "onions"),
    "tomatoes": ("tomato", "tomatoes"),
    "ham": ("ham", "ham"),
    "pineapple": ("pineapple", "pineapple"),
}
STYLE_WORDS = {
    "raw": ("raw", "fresh", "bright green"),
    "dark": ("dark", "dark green"),
    "roasted": ("roasted", "browned"),
}
NUMBERS = {1: "one", 2: "two", 3: "three", 4: "four"}


class Caption(NamedTuple):
    """`text`, and `stated`, the attributes it speaks of: a caption fits every picture that agrees in those."""

    text: str
    stated: dict


def article(words: str) -> str:
    """The words with "a" or "an" before them, by their first letter: right for every word used here."""
    return f"{'an' if words[0] in 'aeio' else 'a'} {words}"


def captions(food: Food, rng: np.random.Generator, n: int = 5) -> list[Caption]:
    """`n` different captions of a picture of `food`; two of five leave something out, none says what is not there."""
    made: dict[str, Caption] = {}
    number = 0
    while len(made) < n:
        caption = _caption(food, rng, leave_out=("surface", "detail")[number % 2] if len(made) % 5 >= 3 else "")
        made.setdefault(caption.text, caption)
        number += 1
    return list(made.values())


def _caption(food: Food, rng: np.random.Generator, leave_out: str) -> Caption:
    stated = {"food": food.food}
    parts = []
    if food.food != "broccoli":
        parts.append(_pizza(food, rng, stated, leave_out))
    if food.food != "pizza":
        parts.append(_broccoli(food, rng, stated, leave_out))
    if len(parts) == 2 and rng.random() < 0.5:
        parts.reverse()
    # "with olives and a floret" would put the floret on the pizza.
    joined_by_and = not any(word in parts[0] for word in (" with ", " in ", "topped"))
    subject = _pick(rng, (" next to ", " beside ", " and ") if joined_by_and else (" next to ", " beside ")).join(parts)
    if leave_out == "surface":
        return Caption(_pick(rng, ("{}", "a picture of {}", "a photo of {}")).format(subject), stated)
    stated["surface"] = food.surface
    place = f"on {article(food.surface)}"
    frame = _pick(rng, ("{} {}", "{} lying {}", "a picture of {} {}", "{} served {}", "a close view of {} {}"))
    return Caption(frame.format(subject, place), stated)


def _pizza(food: Food, rng: np.random.Generator, stated: dict, leave_out: str) -> str:
    stated["shape"] = food.shape
    detail = leave_out != "detail"
    adjectives = [TOPPING_WORDS[topping][0] for topping in food.toppings]
    nouns = [TOPPING_WORDS[topping][1] for topping in food.toppings]
    rng.shuffle(nouns)
    after = ""
    before = ""
    if detail:
        stated["toppings"] = food.toppings
        if not food.toppings:
            before = "cheese "
        elif rng.random() < 0.5:
            before = " and ".join(adjectives) + " "
        else:
            after = _pick(rng, (" with ", " topped with ")) + " and ".join(nouns)
    name = f"{before}pizza{after}"
    if food.shape == "slice":
        return _pick(rng, ("a slice of ", "one slice of ", "a piece of ")) + name
    if food.shape == "half":
        return _pick(rng, ("half of ", "half ", "one half of ")) + article(name)
    return article(_pick(rng, ("", "whole ", "round ")) + name)


def _broccoli(food: Food, rng: np.random.Generator, stated: dict, leave_out: str) -> str:
    stated["count"] = food.count
    adjective = sauce = ""
    if leave_out != "detail":
        stated["style"] = food.style
        if food.style == "cheese sauce":
            sauce = _pick(rng, (" with cheese sauce", " in cheese sauce", " covered in cheese sauce"))
        else:
            adjective = _pick(rng, STYLE_WORDS[food.style]) + " "
    piece = _pick(rng, ("piece", "floret"))
    if food.count == 1:
        return f"{_pick(rng, ('a', 'one'))} {piece} of {adjective}broccoli{sauce}"
    return f"{NUMBERS[food.count]} {piece}s of {adjective}broccoli{sauce}"


def _pick(rng: np.random.Generator, choices: tuple[str, ...]) -> str:
    return choices[rng.integers(len(choices))]
