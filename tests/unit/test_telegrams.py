"""Captions cut down to a few words: nothing that tells is lost, nothing is added."""

import numpy as np

from gan_helpers.datasets.food import captions
from gan_helpers.datasets.food.attributes import every_food
from gan_helpers.datasets.food.captions import NUMBERS
from gan_helpers.datasets.food.telegrams import FILLING, telegram
from gan_helpers.text import words

NUMERALS = {str(number): name for number, name in NUMBERS.items()}


def cases():
    rng = np.random.default_rng(0)
    for food in list(every_food())[::7]:
        for caption in captions(food, rng):
            yield caption.text, telegram(caption.text, rng)


def test_what_tells_is_kept_and_nothing_is_added():
    for text, cut in cases():
        said = [NUMERALS.get(word, word) for word in words(cut)]
        assert sorted(word for word in said if word not in FILLING) == sorted(
            word for word in words(text) if word not in FILLING
        )
        assert not set(said) - set(words(text)), (text, cut)


def test_a_slice_that_is_called_a_piece_of_pizza_stays_one():
    rng = np.random.default_rng(0)
    cuts = {telegram("a piece of ham pizza on a red napkin", rng) for _ in range(300)}
    assert len(cuts) > 50 and all("piece" in cut for cut in cuts)
    assert any(cut.startswith("red napkin") for cut in cuts) and any(cut.endswith("napkin") for cut in cuts)
