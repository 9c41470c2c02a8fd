"""Drawn food: what is drawn is what is said, the same for the same seed, and the splits share no combination."""

import itertools
import re

import numpy as np
import pytest
import torch
from scipy import ndimage

from gan_helpers.datasets.food import (
    Food,
    captions,
    check_food,
    draw_food,
    is_held_out,
    load_food,
    parallel,
    pizza,
    random_food,
)
from gan_helpers.datasets.food import dataset as food_dataset
from gan_helpers.datasets.food.attributes import COUNTS, FOODS, PLATES, SHAPES, STYLES, SURFACES, TOPPINGS
from gan_helpers.datasets.food.captions import STYLE_WORDS, TOPPING_WORDS
from gan_helpers.datasets.food.dataset import decode, encode
from gan_helpers.datasets.food.pizza import PIECES, WEDGES, draw_pizza


def some_foods(n: int, seed: int = 0) -> list[Food]:
    rng = np.random.default_rng(seed)
    return [random_food(rng) for _ in range(n)]


PIZZA = Food("pizza", "blue plate", "whole", ("olives",))
BROCCOLI = Food("broccoli", "red napkin", count=3, style="roasted")


# What a picture shows


@pytest.mark.parametrize(
    ("food", "words"),
    [
        (PIZZA._replace(food="cake"), "food should be one of pizza, broccoli, both"),
        (PIZZA._replace(surface="floor"), "surface should be one of white plate"),
        (PIZZA._replace(shape=None), "shape should be one of whole"),
        (PIZZA._replace(toppings=("anchovies",)), "topping should be one of pepperoni"),
        (PIZZA._replace(toppings=("ham", "olives")), "order of TOPPINGS"),
        (PIZZA._replace(toppings=("olives", "olives")), "different"),
        (PIZZA._replace(toppings=TOPPINGS[:3]), "none, one or two"),
        (PIZZA._replace(count=2), "neither count nor style"),
        (BROCCOLI._replace(shape="slice"), "neither shape nor toppings"),
        (BROCCOLI._replace(count=5), "count should be one of 1, 2, 3, 4"),
        (BROCCOLI._replace(style="boiled"), "style should be one of raw"),
        (Food("both", "white plate", "whole", (), 1, "raw"), "a slice with one or two"),
        (Food("both", "white plate", "slice", (), 3, "raw"), "a slice with one or two"),
        (Food("both", "red napkin", "slice", (), 1, "raw"), "surface of both"),
    ],
)
def test_attributes_that_cannot_be_together_are_named(food, words):
    with pytest.raises(ValueError, match=words):
        check_food(food)
    with pytest.raises(ValueError, match=words):
        draw_food(food, 16, np.random.default_rng(0))


def test_everything_drawn_at_random_can_be_together_and_every_value_comes():
    foods = [check_food(food) for food in some_foods(3000)]
    for name, choices in {
        "food": FOODS,
        "surface": SURFACES,
        "shape": SHAPES,
        "count": COUNTS,
        "style": STYLES,
    }.items():
        assert {getattr(food, name) for food in foods} - {None} == set(choices)
    assert {topping for food in foods for topping in food.toppings} == set(TOPPINGS)
    assert {len(food.toppings) for food in foods} == {0, 1, 2}


def test_codes_hold_everything():
    for food in some_foods(300):
        assert decode(encode(food)) == food


# Pictures


@pytest.mark.parametrize("size", [16, 33, 64, 128, 256])
def test_any_size_from_16_to_256(size):
    picture = draw_food(PIZZA, size, np.random.default_rng(0))
    assert picture.shape == (size, size, 3) and picture.dtype == np.uint8 and picture.std() > 20


@pytest.mark.parametrize("size", [15, 257, 0, -4])
def test_other_sizes_are_refused(size):
    with pytest.raises(ValueError, match="16 to 256"):
        draw_food(PIZZA, size, np.random.default_rng(0))


def test_the_same_seed_draws_the_same_and_another_one_something_else():
    first, again, other = (draw_food(BROCCOLI, 32, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert np.array_equal(first, again) and not np.array_equal(first, other)


def test_a_larger_picture_is_the_same_scene():
    small, large = (draw_food(PIZZA, size, np.random.default_rng(4)).astype(float) for size in (32, 64))
    shrunk = large.reshape(32, 2, 32, 2, 3).mean((1, 3))
    assert np.abs(small - shrunk).mean() < 6


def test_broccoli_is_green_and_grows_with_its_number():
    def green(count):
        food = Food("broccoli", "white plate", count=count, style="raw")
        picture = draw_food(food, 64, np.random.default_rng(3)).astype(int)
        return ((picture[..., 1] - picture[..., 0] > 40) & (picture[..., 1] - picture[..., 2] > 40)).mean()

    assert 0.08 < green(1) < 0.45 and green(4) > green(2)


@pytest.mark.parametrize("pieces", PIECES)
@pytest.mark.parametrize("shape", SHAPES)
def test_a_cut_pizza_has_the_area_of_its_sector_and_lies_in_the_middle(shape, pieces):
    alpha = np.asarray(draw_pizza(shape, (), 256, np.random.default_rng(1), pieces=pieces).getchannel("A")) > 127
    radius = 256 * PIECES[pieces].radii[shape]
    assert alpha.sum() == pytest.approx(radius**2 * WEDGES[shape] / 2, rel=0.06)
    assert np.argwhere(alpha).mean(0) == pytest.approx([(side - 1) / 2 for side in alpha.shape], abs=4)


@pytest.mark.parametrize("pieces", PIECES)
@pytest.mark.parametrize("shape", SHAPES)
def test_two_toppings_both_have_room(shape, pieces):
    look = PIECES[pieces]
    for seed in range(200):
        rng = np.random.default_rng(seed)
        radius = 100.0
        size = radius * look.sizes[1] * look.scale[shape]
        within = None if shape == "whole" else (rng.uniform(0, 6.28), WEDGES[shape])
        assert len(pizza._places(0, 0, 0.72 * radius, size, shape, look, within, rng)) >= 4


def test_large_pieces_are_fewer_and_cover_more_each():
    """Of olives, which are black: how many separate ones there are, and how large they are on average."""
    counts, areas = {}, {}
    for pieces in PIECES:
        dark = draw_food(PIZZA, 256, np.random.default_rng(4), pieces=pieces).max(-1) < 60
        _, counts[pieces] = ndimage.label(ndimage.binary_opening(dark, iterations=2))
        areas[pieces] = dark.sum() / counts[pieces]
    assert counts["large"] < 12 < counts["small"] and areas["large"] > 2 * areas["small"]


def test_other_pieces_are_refused_and_kept_apart(tmp_path, monkeypatch):
    monkeypatch.setenv("GAN_WORKSHOP_DATA", str(tmp_path))
    with pytest.raises(ValueError, match="pieces should be one of 'small', 'large', not 'huge'"):
        draw_food(PIZZA, 64, np.random.default_rng(0), pieces="huge")
    small, large = (load_food(n=3, size=16, pieces=pieces) for pieces in PIECES)
    assert small.foods == large.foods and not torch.equal(small.images, large.images)
    assert torch.equal(load_food(n=3, size=16, pieces="large").images, large.images)


# Captions


@pytest.fixture(scope="module")
def captioned():
    rng = np.random.default_rng(5)
    return [(food, captions(food, rng)) for food in some_foods(1500, seed=5)]


def test_five_different_captions_of_plain_english(captioned):
    for _, five in captioned:
        assert len({caption.text for caption in five}) == 5
        for text, _ in five:
            assert re.fullmatch(r"[a-z]+( [a-z]+)*", text), text
            assert not re.search(r"\ba [aeio]|\ban [^aeio]|  ", text), text
            assert not re.search(r"\b(a|one) (pieces|florets)|\b(two|three|four) (piece|floret)\b", text), text


def test_a_caption_says_what_it_states_and_nothing_else(captioned):
    for food, five in captioned:
        for text, stated in five:
            assert stated.items() <= {**food._asdict()}.items()
            said = {topping for topping, words in TOPPING_WORDS.items() if any(f" {w} " in f" {text} " for w in words)}
            assert said == set(stated.get("toppings", ()))
            assert {surface for surface in SURFACES if surface in text} == ({food.surface} & {stated.get("surface")})
            styles = {style for style, words in STYLE_WORDS.items() if any(f" {w} " in f" {text} " for w in words)}
            styles |= {"cheese sauce"} if "cheese sauce" in text else set()
            assert styles == {stated["style"]} - {None} if "style" in stated else not styles
            assert ("pizza" in text, "broccoli" in text) == (food.food != "broccoli", food.food != "pizza")
            assert ("slice" in text or "piece of" in text) or food.shape != "slice"


def test_every_picture_has_a_full_caption_and_one_that_leaves_something_out(captioned):
    for food, five in captioned:
        full = {name for name, value in food._asdict().items() if value not in (None,)} - {"toppings"}
        assert any(stated.keys() >= full for _, stated in five)
        assert any("surface" not in stated for _, stated in five)


# Splits and sets


def test_the_splits_share_no_combination_but_every_value_is_trained_on():
    foods = set(some_foods(20_000))
    held_out = {food for food in foods if is_held_out(food)}
    trained = foods - held_out
    assert len(held_out) / len(foods) == pytest.approx(1 / 8, abs=0.02)

    def values(food):
        pairs = {("topping", topping) for topping in food.toppings}
        return pairs | {(k, v) for k, v in food._asdict().items() if k != "toppings" and v is not None}

    assert set().union(*map(values, trained)) == set().union(*map(values, foods))
    pairs = [{pair for food in part for pair in itertools.combinations(sorted(values(food), key=str), 2)}
             for part in (trained, foods)]  # fmt: skip
    assert len(pairs[0]) / len(pairs[1]) > 0.95


@pytest.mark.parametrize("split", ["train", "held-out"])
def test_a_set_holds_its_split_and_smaller_ones_are_its_beginning(split):
    food = load_food(split, size=16, n=12, seed=3)
    assert food.images.shape == (12, 3, 16, 16) and food.images.dtype == torch.uint8
    assert all(is_held_out(shown) == (split == "held-out") for shown in food.foods)
    fewer = load_food(split, size=16, n=5, seed=3)
    assert torch.equal(fewer.images, food.images[:5]) and fewer.foods == food.foods[:5]
    assert food.captions(4) == fewer.captions(4) and len(food.captions(4)) == 5


def test_several_workers_draw_what_one_does(monkeypatch, tmp_path):
    one = load_food(size=16, n=9, seed=8)
    monkeypatch.setattr(parallel, "CHUNK", 4)
    monkeypatch.setenv("GAN_WORKSHOP_DATA", str(tmp_path))  # where nothing is drawn yet
    two = load_food(size=16, n=9, seed=8)
    assert torch.equal(two.images, one.images) and two.foods == one.foods


def test_the_second_time_nothing_is_drawn(monkeypatch):
    first = load_food(size=16, n=6, seed=1)
    monkeypatch.setattr(food_dataset, "draw_food", None)
    assert torch.equal(load_food(size=16, n=6, seed=1).images, first.images)


def test_another_version_of_the_drawing_is_drawn_anew(monkeypatch):
    load_food(size=16, n=3, seed=2)
    drawn = []
    monkeypatch.setattr(food_dataset, "VERSION", 999)
    monkeypatch.setattr(food_dataset, "draw_food", lambda *_, **__: drawn.append(1) or np.zeros((16, 16, 3), np.uint8))
    load_food(size=16, n=3, seed=2)
    assert len(drawn) == 3


@pytest.mark.parametrize(
    "wrong",
    [{"split": "test"}, {"size": 8}, {"size": 512}, {"n": 0}, {"seed": -1}],
    ids=lambda wrong: next(iter(wrong)),
)
def test_sets_that_cannot_be_are_refused(wrong):
    with pytest.raises(ValueError, match="should be"):
        load_food(**wrong)


def test_both_foods_lie_on_plates():
    assert {food.surface for food in some_foods(2000) if food.food == "both"} == set(PLATES)
