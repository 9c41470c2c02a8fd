"""Captions in the words people use: many ways to say the same, with things around the food that mean nothing.

`captions` writes the plain sentences that the lessons show; these are for the next text encoder, which is to
read what people type.
"""

from collections.abc import Callable

import numpy as np

from gan_helpers.datasets.food.attributes import PLATES, Food
from gan_helpers.datasets.food.captions import NUMBERS, Caption
from gan_helpers.datasets.food.captions import article as plain_article
from gan_helpers.datasets.food.spoken_words import (
    ANYWHERE,
    AROUND,
    BEFORE,
    BESIDE_BROCCOLI,
    BESIDE_TOPPINGS,
    COUNTS_SPOKEN,
    HALF,
    JOINED,
    LIES,
    LOOKS,
    NO_TOPPING,
    NO_TOPPING_NOTED,
    ON,
    PIECES,
    PLATE,
    PLATES_NOTED,
    SAUCE,
    SHAPES_NOTED,
    SLICE,
    STYLES_SPOKEN,
    SURFACES_SPOKEN,
    TOPPINGS_SPOKEN,
    UNCOUNTED,
    VAGUE,
    WHOLE,
)

LONGEST = 200  # characters


def article(words: str) -> str:
    """The words with "a" or "an" before them; of the words here only "un-" and "uncut" need more than `captions` do."""
    return f"an {words}" if words.startswith("un") else plain_article(words)


def spoken_caption(food: Food, rng: np.random.Generator) -> Caption:
    """A caption of a picture of `food` as somebody might type it. It may leave out anything but the food itself."""

    def pick(choices):
        return choices[rng.integers(len(choices))]

    stated = {"food": food.food}
    text = (_note if rng.random() < 0.35 else _sentence)(food, pick, rng, stated)
    if rng.random() < 0.1:
        text = text.removeprefix("a ")
    # The text encoder reads no further: a caption that is cut off would not say all that it states.
    return Caption(text, stated) if len(text) <= LONGEST else spoken_caption(food, rng)


def _note(food: Food, pick: Callable, rng: np.random.Generator, stated: dict) -> str:
    """A few words with signs between them, in any order: "pizza slice: olives + ham / white plate"."""
    groups = []
    if food.food != "broccoli":
        groups.append(_pizza_noted(food, pick, rng, stated))
    if food.food != "pizza":
        groups.append(_broccoli_noted(food, pick, rng, stated))
    if rng.random() < 0.75:
        groups.append([_place_noted(food, pick, stated)])
    sign = pick((", ", ", ", ", ", ": ", "; ", " / ", " + ", " - ", " ", ". "))
    fragments = []
    for number in rng.permutation(len(groups)):
        fragments += [groups[number][k] for k in rng.permutation(len(groups[number]))]
    return sign.join(fragments)


def _pizza_noted(food: Food, pick: Callable, rng: np.random.Generator, stated: dict) -> list[str]:
    stated["shape"] = food.shape
    shape = pick(SHAPES_NOTED[food.shape])
    if rng.random() < 0.3:
        return [shape]
    stated["toppings"] = food.toppings
    if not food.toppings:
        return [shape, pick(NO_TOPPING_NOTED)]
    order = rng.permutation(len(food.toppings))
    before, after = ([pick(TOPPINGS_SPOKEN[food.toppings[k]][way]) for k in order] for way in (0, 1))
    if rng.random() < 0.4:
        pizza = f"{' and '.join(before)} pizza"
        return [shape.replace("a pizza", article(pizza)) if "a pizza" in shape else shape.replace("pizza", pizza)]
    return [shape, pick((" + ", " and ", ", ", " & ", "/")).join(after)]


def _broccoli_noted(food: Food, pick: Callable, rng: np.random.Generator, stated: dict) -> list[str]:
    fragments, name = [], "broccoli"
    if rng.random() < 0.75:
        stated["style"] = food.style
        if food.style == "cheese sauce":
            name += f" {pick(SAUCE)}"
        elif rng.random() < 0.7:
            name = f"{pick(STYLES_SPOKEN[food.style])} {name}"
        else:
            fragments.append(pick(STYLES_SPOKEN[food.style]))
    if rng.random() < 0.8:
        stated["count"] = food.count
        number, plural = pick((NUMBERS[food.count], str(food.count))), "" if food.count == 1 else "s"
        piece = f"{number} {pick(PIECES)}{plural}"
        way = rng.integers(5)
        if way < 2:
            fragments.append(piece)
        else:
            name = (f"{name} x{food.count}", f"{piece} of {name}", f"{name} ({piece})")[way - 2]
    return [name, *fragments]


def _place_noted(food: Food, pick: Callable, stated: dict) -> str:
    stated["surface"] = food.surface
    words = pick(SURFACES_SPOKEN[food.surface])
    if food.surface in PLATES:
        words = pick(PLATES_NOTED).format(words)
    return pick((words, words, words, f"on {article(words) if words[:2] not in ('a ', 'th') else words}"))


def _sentence(food: Food, pick: Callable, rng: np.random.Generator, stated: dict) -> str:
    parts = []
    if food.food != "broccoli":
        parts.append(_pizza(food, pick, rng, stated))
    if food.food != "pizza":
        parts.append(_broccoli(food, pick, rng, stated))
    rng.shuffle(parts)
    place = _place(food, pick, rng, stated)
    subject = f" {pick(JOINED)} ".join(parts)
    around = f" {pick(AROUND)}" if rng.random() < 0.2 else ""
    end = pick(("", "", "", ".", ".", " please"))
    if place and rng.random() < 0.15:
        return f"{place}, {subject}{around}{end}"
    place = f" {pick(LIES)} {place}".replace("  ", " ") if place else ""
    text = pick((f"{subject}{around}{place}", f"{subject}{place}{around}"))
    return f"{pick(BEFORE)} {text}{end}".strip()


def _pizza(food: Food, pick: Callable, rng: np.random.Generator, stated: dict) -> str:
    name, after = pick(("pizza", "pizza", "pizza", "pizza", "pizza pie", "cheesy pizza")), ""
    if rng.random() < 0.7:  # say what lies on it
        stated["toppings"] = food.toppings
        name, after = _with_toppings(food.toppings, "pizza", pick, rng)
    elif rng.random() < 0.3:
        after = f" {pick(VAGUE)}"
    name = f"{pick(LOOKS)} {name}".strip()
    if rng.random() < 0.06:  # no word of its shape
        return f"some {name}{after}"
    stated["shape"] = food.shape
    if food.shape == "whole":
        return article(pick(WHOLE).format(name)) + after
    if food.shape == "half":
        return pick(HALF).format(n=name, a=article(name)) + after
    if rng.random() < 0.1:
        return f"{article(name)} slice{after}"
    return pick(SLICE).format(n=name) + after


def _with_toppings(toppings, name: str, pick: Callable, rng: np.random.Generator) -> tuple[str, str]:
    """What stands before and after the shape's words: ("ham pizza", "") or ("pizza", " with ham")."""
    if not toppings:
        before, _, after = pick(NO_TOPPING).partition("{}")
        return before + name, after
    order = rng.permutation(len(toppings))
    if rng.random() < 0.45:
        said = pick((" and ", " and ", " & ", " ")).join(pick(TOPPINGS_SPOKEN[toppings[k]][0]) for k in order)
        return f"{said} {name}", ""
    said = [pick(TOPPINGS_SPOKEN[toppings[k]][1]) for k in order]
    if rng.random() < 0.2:  # what every pizza has, or none here
        said.insert(rng.integers(len(said) + 1), pick(BESIDE_TOPPINGS))
    joined = pick((" and ", " and ", ", ", " + ") if len(said) < 3 else (", ", " and ")).join(said)
    return name, f" {pick(ON).format(joined)}".replace(" ,", ",")


def _broccoli(food: Food, pick: Callable, rng: np.random.Generator, stated: dict) -> str:
    style = sauce = ""
    if rng.random() < 0.7:
        stated["style"] = food.style
        if food.style == "cheese sauce":
            sauce = f" {pick(SAUCE)}"
        else:
            style = pick(STYLES_SPOKEN[food.style]) + " "
    name = f"{style}broccoli"
    if rng.random() < 0.25:
        beside = f" {pick(BESIDE_BROCCOLI)}" if rng.random() < 0.4 and food.food == "broccoli" else ""
        return pick(UNCOUNTED).format(name) + sauce + beside
    stated["count"] = food.count
    plural = "" if food.count == 1 else "s"
    number, piece = pick(COUNTS_SPOKEN[food.count]), pick(PIECES)
    an = "an" if number == "a" and style[:1] in ("o", "u") else number  # before the style: "an uncooked floret"
    if rng.random() < 0.2:
        return f"{an} {style}broccoli {piece}{plural}{sauce}"
    if rng.random() < 0.1 and style:
        return f"{an} {style}{piece}{plural} of broccoli"
    return f"{number} {piece}{plural} of {name}{sauce}"


def _place(food: Food, pick: Callable, rng: np.random.Generator, stated: dict) -> str:
    chance = rng.random()
    if chance < 0.2:
        return ""
    if chance < 0.3:
        return pick((*ANYWHERE, "on a plate", "on a plate", "on a dish") if food.surface in PLATES else ANYWHERE)
    stated["surface"] = food.surface
    words = pick(SURFACES_SPOKEN[food.surface])
    if food.surface in PLATES:
        words = pick(PLATE).format(words)
    inside = words.split()[-1] in ("pan", "tray", "dish") and rng.random() < 0.4
    on = "in" if inside else pick(("on", "on", "on", "on top of", "upon"))
    if words == "marble":
        return pick(("on marble", "on some marble"))
    return f"{on} {pick((article(words), article(words), article(words), f'the {words}'))}"
