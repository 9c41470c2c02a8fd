"""Pizzas of one kind: what they show, and that the bare ones are the same pictures."""

import pytest
import torch

from gan_helpers.datasets.food.attributes import SHAPES, SURFACES
from gan_helpers.datasets.food.kinds import load_pizzas
from gan_helpers.food_scores import read_food


def changed(pizzas):
    """Where toppings change the picture: (N, H, W) bool."""
    return (pizzas.images != pizzas.bare).any(1)


def test_toppings_lie_within_the_rim_and_nothing_else_differs():
    pizzas = load_pizzas("pepperoni", n=60)
    shown = changed(pizzas)
    assert shown.flatten(1).any(1).all(), "each has toppings"
    assert (shown & ~pizzas.room).sum() == 0, "a topping lies outside the rim"
    share = pizzas.room.flatten(1).float().mean(1)
    assert share.min() > 0.03 and share.max() < 0.6


def test_cheese_alone_is_bare():
    pizzas = load_pizzas(n=40)
    assert torch.equal(pizzas.images, pizzas.bare) and pizzas.room.flatten(1).any(1).all()
    assert all(food.toppings == () for food in pizzas.foods)


def test_the_reader_finds_the_topping_and_does_not_find_it_on_the_bare_ones():
    pizzas = load_pizzas("pepperoni", n=200)
    full, bare = read_food(pizzas.images).foods(), read_food(pizzas.bare).foods()
    assert sum(food.toppings == ("pepperoni",) for food in full) > 170
    assert sum(food.toppings == () for food in bare) > 170
    assert sum(one.shape == other.shape for one, other in zip(full, bare, strict=True)) > 180


def test_every_shape_and_surface_comes_and_kinds_share_no_picture():
    pepperoni, cheese = load_pizzas("pepperoni", n=300, size=16), load_pizzas(n=300, size=16)
    assert {(food.shape, food.surface) for food in pepperoni.foods} == {(a, b) for a in SHAPES for b in SURFACES}
    alike = [one[:2] + one[2:3] == other[:3] for one, other in zip(pepperoni.foods, cheese.foods, strict=True)]
    assert sum(alike) < 40, "the same number in both kinds is another pizza"


def test_smaller_sets_begin_larger_ones_and_seeds_differ():
    few, more = load_pizzas("olives", n=5, size=16), load_pizzas("olives", n=9, size=16)
    assert torch.equal(few.images, more.images[:5])
    assert not torch.equal(few.images, load_pizzas("olives", n=5, size=16, seed=1).images)


@pytest.mark.parametrize(
    ("given", "words"),
    [({"topping": "anchovies"}, "pepperoni, mushrooms"), ({"size": 8}, "16 to 256"), ({"n": 0}, "1 or more")],
)
def test_what_cannot_be_drawn_is_named(given, words):
    with pytest.raises(ValueError, match=words):
        load_pizzas(**given)
