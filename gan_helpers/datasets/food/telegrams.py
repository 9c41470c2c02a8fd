"""Captions cut down to a few words in another order, as people type them: what the text encoder learns to read too."""

import re

import numpy as np

from gan_helpers.datasets.food.captions import NUMBERS

FILLING = ("a", "an", "of", "on", "with", "lying", "served", "picture", "photo", "close", "view", "topped", "pieces",
           "florets", "piece", "floret", "covered", "in")  # fmt: skip
SIGNS = (", ", ": ", "; ", " / ", " + ", " - ", " ", ". ")
PLACE = re.compile(r" (?:lying |served )?on an? (?=[a-z]+ [a-z]+$)")  # captions say last where it lies


def telegram(text: str, rng: np.random.Generator) -> str:
    """The caption `text` with some filling words left out, its place perhaps first, numbers perhaps as numerals."""
    parts = PLACE.split(text)
    if rng.random() < 0.5 and len(parts) == 2:
        parts.reverse()
    if rng.random() < 0.3:
        parts = [piece for part in parts for piece in _cut(part)]
    kept = rng.random()  # of the filling words
    told = [" ".join(_word(word, rng) for word in part.split() if rng.random() < kept or not _fills(word, part))
            for part in parts]  # fmt: skip
    return _pick(rng, SIGNS).join(part for part in told if part)


def _cut(part: str) -> list[str]:
    """What lies on a pizza, apart from the pizza; the rest whole."""
    return re.split(r" (?:with|topped with) (?=[a-z ]+$)", part, maxsplit=1)


def _fills(word: str, part: str) -> bool:
    return word in FILLING and not (word == "piece" and "pizza" in part)  # a piece of pizza is a slice


def _word(word: str, rng: np.random.Generator) -> str:
    numerals = {name: str(number) for number, name in NUMBERS.items()}
    return numerals[word] if word in numerals and rng.random() < 0.3 else word


def _pick(rng: np.random.Generator, choices: tuple[str, ...]) -> str:
    return choices[rng.integers(len(choices))]
