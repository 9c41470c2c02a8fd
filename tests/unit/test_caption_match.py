"""Scores of text-to-image: against drawn pictures, whose attributes are known, and closed forms."""

import math

import pytest
import torch

from gan_helpers.caption_match import caption_match, chance, open_bits, topping_confusion
from gan_helpers.captioned import caption_table
from gan_helpers.datasets.food import load_food
from gan_helpers.datasets.food.matching import COLUMNS, stated_columns


@pytest.fixture(scope="module")
def pictures():
    return load_food(n=200, seed=3)


@pytest.fixture(scope="module")
def table(pictures):
    return caption_table(pictures)


def test_real_pictures_are_the_ceiling_and_those_of_other_captions_near_chance(pictures, table):
    stated = table.stated[:, 0]
    own = caption_match(pictures.images, table.codes, stated)
    moved = caption_match(pictures.images.roll(1, 0), table.codes, stated)
    by_chance = chance(table.codes, stated)
    assert own.keys() == moved.keys() == by_chance.keys() == COLUMNS.keys()
    for name in COLUMNS:
        assert own[name] > 0.93 and moved[name] < 0.6
        assert by_chance[name] < 0.6


def test_an_attribute_counts_where_it_is_stated_alone(pictures, table):
    wrong = table.codes.clone()
    wrong[:, COLUMNS["surface"]] = 99
    silent = torch.from_numpy(stated_columns({"food": 0})).expand(len(wrong), -1)
    spoken = torch.from_numpy(stated_columns({"food": 0, "surface": 0})).expand(len(wrong), -1)
    scores = caption_match(pictures.images, wrong, silent)
    assert scores["food"] > 0.93 and math.isnan(scores["surface"])
    assert caption_match(pictures.images, wrong, spoken)["surface"] == 0


def test_one_wrong_topping_is_a_wrong_pizza(pictures, table):
    all_stated = torch.ones_like(table.stated[:, 0])
    wrong = table.codes.clone()
    wrong[:, -1] = 1 - wrong[:, -1]
    assert caption_match(pictures.images, wrong, all_stated)["toppings"] < 0.05


def test_chance_is_the_most_frequent_value():
    codes = torch.zeros(10, 14, dtype=torch.uint8)
    codes[:6, 0], codes[6:, 0] = 1, 2
    codes[:3, 1] = 5
    stated = torch.zeros(10, 14, dtype=torch.bool)
    stated[:, 0] = stated[:5, 1] = True
    found = chance(codes, stated)
    assert found["food"] == pytest.approx(0.6) and found["surface"] == pytest.approx(0.6)  # 6 of 10, 3 of 5
    assert math.isnan(found["shape"])


def test_bits_of_what_is_left_open():
    real = torch.zeros(8, 14, dtype=torch.uint8)
    real[:, 1] = torch.arange(8)  # 3 bits of surface
    real[:, 2] = torch.arange(8) % 2  # 1 bit of shape
    made = real.clone()
    made[:, 1] = torch.arange(8) % 2  # 1 bit of surface left
    made[:, 3] = torch.arange(8)  # a count that does not vary in real ones: of another food
    stated = torch.from_numpy(stated_columns({"food": 0}))
    assert open_bits(made, real, stated) == pytest.approx((2.0, 4.0))
    stated = torch.from_numpy(stated_columns({"food": 0, "surface": 0}))
    assert open_bits(made, real, stated) == pytest.approx((1.0, 1.0))
    assert open_bits(made, real, torch.ones(14, dtype=torch.bool)) == (0.0, 0.0)


def test_as_many_of_each(pictures, table):
    with pytest.raises(ValueError, match="as many, not 200, 200 and 199"):
        caption_match(pictures.images, table.codes, table.stated[1:, 0])


def test_toppings_are_confused_by_the_reader_as_far_as_the_pictures_say(pictures, table):
    stated = table.stated[:, 0]
    found = topping_confusion(pictures.images, table.codes, stated)
    for name, shares in found.items():
        assert shares[name] > 0.9 and all(share < 0.1 for other, share in shares.items() if other != name)
    # Asked for the toppings of its neighbour a picture shows them by chance alone.
    moved = topping_confusion(pictures.images.roll(1, 0), table.codes, stated)
    assert sum(shares[name] for name, shares in moved.items()) / len(moved) < 0.4
    nobody = topping_confusion(pictures.images, table.codes, torch.zeros_like(stated))
    assert all(math.isnan(share) for shares in nobody.values() for share in shares.values())
