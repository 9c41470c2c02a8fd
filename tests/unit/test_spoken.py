"""Captions in the words people use: what they say is true of the picture, and nothing of it is lost."""

import re

import numpy as np
import pytest

from gan_helpers.datasets.food.attributes import PLATES, STYLES, SURFACES, TOPPINGS, every_food
from gan_helpers.datasets.food.captions import captions
from gan_helpers.datasets.food.paraphrases import PARAPHRASES
from gan_helpers.datasets.food.spoken import spoken_caption
from gan_helpers.datasets.food.spoken_words import (
    BESIDE_BROCCOLI,
    COUNTS_SPOKEN,
    NO_TOPPING,
    NO_TOPPING_NOTED,
    STYLES_SPOKEN,
    SURFACES_SPOKEN,
    TOPPINGS_SPOKEN,
)
from gan_helpers.datasets.food.written import HALVES, written_captions
from gan_helpers.models.text_encoder import LENGTH
from gan_helpers.text import words


@pytest.fixture(scope="module")
def spoken():
    rng = np.random.default_rng(3)
    return [(food, spoken_caption(food, rng)) for food in list(every_food())[::2] for _ in range(6)]


def says(text: str, phrase: str) -> bool:
    return f" {' '.join(words(phrase))} " in f" {' '.join(words(text))} "


def test_what_a_caption_states_is_true_of_its_food(spoken):
    for food, caption in spoken:
        assert caption.stated.items() <= food._asdict().items()
        assert caption.stated["food"] == food.food
        text = caption.text.replace("pizza pan", "pan") if food.food == "broccoli" else caption.text
        assert ("pizza" in text, "broccoli" in text) == (food.food != "broccoli", food.food != "pizza")


def test_toppings_are_named_if_and_only_if_they_are_stated(spoken):
    names = {topping: [*before, *on] for topping, (before, on) in TOPPINGS_SPOKEN.items()}
    for _, (text, stated) in spoken:
        text = text.replace("tomato sauce", "sauce")  # every pizza has it
        for other in BESIDE_BROCCOLI if stated["food"] == "broccoli" else ():
            text = text.replace(other, "")
        named = {topping for topping in TOPPINGS if any(says(text, name) for name in names[topping])}
        assert named == set(stated.get("toppings", ())), text
        if stated.get("toppings") == ():
            ways = [way for words_ in (*NO_TOPPING, *NO_TOPPING_NOTED) for way in words_.split("{}") if way]
            assert any(says(text, way) for way in ways), text


def test_surfaces_and_styles_are_named_if_they_are_stated(spoken):
    for _, (text, stated) in spoken:
        if "surface" in stated:
            assert any(says(text, name) for name in SURFACES_SPOKEN[stated["surface"]]), text
        if "style" in stated and stated["style"] != "cheese sauce":
            assert any(says(text, name) for name in STYLES_SPOKEN[stated["style"]]), text
        if stated.get("style") == "cheese sauce":
            assert "cheese" in text
        if "count" in stated:
            numbers = [name.removeprefix("a ") for name in COUNTS_SPOKEN[stated["count"]]] + [f"x{stated['count']}"]
            assert any(says(text, number) for number in numbers) or stated["count"] == 1, text


def test_no_word_names_two_surfaces_or_two_styles():
    """ "white" and the like name a plate; "board" may not name a tray, too."""
    flat = [name for surface in SURFACES if surface not in PLATES for name in set(SURFACES_SPOKEN[surface])]
    assert len(flat) == len(set(flat))
    styles = [name for style in STYLES[:3] for name in set(STYLES_SPOKEN[style])]
    assert len(styles) == len(set(styles))


def test_captions_are_english_enough_and_short_enough(spoken):
    for _, (text, _) in spoken:
        assert len(text) <= LENGTH and text == text.strip()
        assert not re.search(r"\ba [aeiou]|\ban [^aeiou]|  |\ba a\b|\{|\}", text), text


def test_many_ways_to_say_the_same():
    food = next(iter(every_food()))
    rng = np.random.default_rng(0)
    texts = {spoken_caption(food, rng).text for _ in range(500)}
    assert len(texts) > 450
    plain = {text for text, _ in captions(food, rng, 20)}
    assert len({word for text in texts for word in words(text)}) > 3 * len({w for t in plain for w in words(t)})


def test_what_scores_the_course_is_never_taught(spoken):
    taught = {" ".join(words(text)) for _, (text, _) in spoken}
    scored = {" ".join(words(caption.text)) for caption in PARAPHRASES if len(words(caption.text)) > 3}
    scored |= {" ".join(words(caption.text)) for half in HALVES for caption in written_captions(half)}
    assert not taught & scored


def test_the_same_random_numbers_write_the_same_caption():
    food = next(iter(every_food()))
    first, second = (spoken_caption(food, np.random.default_rng(4)) for _ in range(2))
    assert first == second
