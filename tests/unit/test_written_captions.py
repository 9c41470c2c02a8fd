"""Captions that people wrote: the two halves, and what counts as showing one."""

import pytest

from gan_helpers.datasets.food import Caption, Food
from gan_helpers.datasets.food.attributes import COUNTS, FOODS, SHAPES, STYLES, SURFACES, TOPPINGS
from gan_helpers.datasets.food.written import HALVES, shows, written_captions, written_match


def test_the_halves_are_all_of_the_file_and_share_nothing():
    tuning, reporting = map(written_captions, HALVES)
    assert (len(tuning), len(reporting)) == (79, 80)
    assert not {caption.text for caption in tuning} & {caption.text for caption in reporting}
    with pytest.raises(ValueError, match="'tuning', 'reporting'"):
        written_captions("both")


def test_they_state_what_can_be_drawn():
    allowed = {"food": FOODS, "surface": SURFACES, "shape": SHAPES, "count": COUNTS, "style": STYLES}
    for caption in (*written_captions("tuning"), *written_captions("reporting")):
        for name, value in caption.stated.items():
            assert set(value) <= set(TOPPINGS) if name == "toppings" else value in allowed[name], caption


def test_named_toppings_have_to_be_there_and_cheese_alone_has_none():
    two = Food("pizza", "blue plate", "whole", ("olives", "ham"))
    assert shows(two, {"food": "pizza", "shape": "slice", "toppings": ("ham",)}) == {
        "food": True,
        "shape": False,
        "toppings": True,
    }
    assert shows(two, {"toppings": ("ham", "basil")}) == shows(two, {"toppings": ()}) == {"toppings": False}
    assert shows(two._replace(toppings=()), {"toppings": ()}) == {"toppings": True}


def test_the_match_counts_pictures_of_captions_that_state_an_attribute():
    captions = (Caption("a", {"food": "pizza", "shape": "whole"}), Caption("b", {"food": "broccoli"}))
    pizza, broccoli = Food("pizza", "blue plate", "slice"), Food("broccoli", "blue plate", None, (), 1, "raw")
    assert written_match(captions, [[pizza, broccoli], [broccoli, broccoli]]) == {"food": 0.75, "shape": 0.0}
    with pytest.raises(ValueError, match="a list for each of the 2 captions"):
        written_match(captions, [[pizza]])
