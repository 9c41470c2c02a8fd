"""Translated pizzas: what their scores are made of, and what the live view says."""

import pytest
import torch
from matplotlib.figure import Figure
from torch import nn

from gan_helpers.datasets.food.kinds import load_pizzas
from gan_helpers.models.cyclegan import GAN, BothGenerators, Translator
from gan_helpers.translation import levels_apart, noisy, places_kept, score_translation, translated
from gan_helpers.watch_translation import READ, watch_translation


class Lighter(nn.Module):
    """Adds so many levels to each pixel; hides nothing and changes no topping."""

    def __init__(self, levels: float):
        super().__init__()
        self.levels = nn.Parameter(torch.tensor(float(levels)))

    def forward(self, images):
        return images + self.levels / 127.5


class Remembers(nn.Module):
    """Takes the picture back out of the lowest bit of each pixel, where `Hides` has put it, else makes black."""

    def __init__(self):
        super().__init__()
        self.nothing = nn.Parameter(torch.zeros(()))

    def forward(self, images):
        levels = ((images + 1) * 127.5).round()
        return (levels % 2) * 2 - 1 + 0 * self.nothing


class Hides(Remembers):
    """A grey picture whose lowest bits say which pixels were light."""

    def forward(self, images):
        return (128 + (images > 0).float()) / 127.5 - 1 + 0 * self.nothing


@pytest.fixture(scope="module")
def pepperoni():
    return load_pizzas("pepperoni", n=120, seed=5)


def test_the_drawn_answers_score_best_and_the_pizzas_as_they_are_do_not(pepperoni):
    right = score_translation(pepperoni.bare, pepperoni, None)
    assert right.bare == 0 and right.outside == 0 and right.target > 0.85
    assert right.surface > 0.95 and right.shape > 0.9
    untouched = score_translation(pepperoni.images, pepperoni, None)
    assert untouched.outside == 0 and untouched.bare > 2 and untouched.target < 0.15


def test_what_is_changed_outside_the_rim_is_told_from_what_is_changed_inside(pepperoni):
    inside, outside = pepperoni.bare.clone(), pepperoni.bare.clone()
    room = pepperoni.room[:, None].expand_as(inside)
    inside[room] = 0
    outside[~room] = 0
    assert score_translation(inside, pepperoni, None).outside == 0
    assert score_translation(outside, pepperoni, None).outside > 50


def test_another_plate_is_read_as_another_plate(pepperoni):
    moved = pepperoni.images.roll(1, 0)
    kept = score_translation(moved, pepperoni, "pepperoni")
    assert kept.target > 0.85 and kept.surface < 0.4 and kept.shape < 0.6 and kept.outside > 20


def test_levels_are_those_of_a_byte():
    first, second = torch.zeros(2, 3, 4, 4, dtype=torch.uint8), torch.full((2, 3, 4, 4), 10, dtype=torch.uint8)
    second[0] = 0
    assert levels_apart(first, second) == 5
    where = torch.zeros(2, 4, 4, dtype=torch.bool)
    where[1, 0] = True
    assert levels_apart(first, second, where) == 10


def test_translated_works_in_parts_and_leaves_the_mode(pepperoni):
    net = Translator(4, 1, over_input=True).train()
    assert torch.equal(translated(net, pepperoni.images), pepperoni.images) and net.training
    assert torch.equal(translated(Lighter(3), torch.full((1, 3, 4, 4), 250, dtype=torch.uint8))[0, 0, 0, :1],
                       torch.tensor([253], dtype=torch.uint8))  # fmt: skip
    with pytest.raises(ValueError, match="multiples of 4"):
        translated(net, torch.zeros(1, 3, 30, 32))


def test_what_is_hidden_is_lost_in_a_little_noise():
    images = (torch.rand(20, 3, 16, 16) > 0.5).to(torch.uint8) * 255
    between = translated(Hides(), images)
    assert torch.equal(translated(Remembers(), between), images)
    lost = levels_apart(translated(Remembers(), noisy(between, 4.0)), images)
    assert 100 < lost < 150  # as good as thrown with a coin: 127.5


def test_noise_is_normal_and_stays_within_the_levels():
    grey = torch.full((20, 3, 16, 16), 128, dtype=torch.uint8)
    apart = noisy(grey, 4.0).float() - 128
    assert apart.mean().abs() < 0.2 and apart.std().item() == pytest.approx(4, rel=0.05)
    assert torch.equal(noisy(grey, 0.0), grey) and torch.equal(noisy(grey, 4.0), noisy(grey, 4.0))
    assert not torch.equal(noisy(grey, 4.0), noisy(grey, 4.0, seed=1))
    assert noisy(torch.full_like(grey, 255), 50.0).max() == 255
    with pytest.raises(ValueError, match="0 or more levels, not -1"):
        noisy(grey, -1.0)


def test_places_are_kept_by_the_same_pizzas_and_not_by_others(pepperoni):
    assert places_kept(pepperoni.images, pepperoni) == pytest.approx(1)
    lighter = (pepperoni.images.float() * 0.5 + 40).to(torch.uint8)
    assert places_kept(lighter, pepperoni) > 0.98, "another light changes no place"
    others = load_pizzas("pepperoni", n=120, seed=6)
    assert places_kept(others.images, pepperoni) < 0.3
    assert abs(places_kept(pepperoni.bare, pepperoni)) < places_kept(lighter, pepperoni)


def test_as_many_pictures_as_pizzas(pepperoni):
    with pytest.raises(ValueError, match="one picture for each pizza"):
        score_translation(pepperoni.images[:5], pepperoni, None)


def test_the_live_view_says_what_is_read(pepperoni):
    cheese = load_pizzas(n=READ, seed=5)
    nets = GAN(BothGenerators(Lighter(0), Lighter(0)), None)
    ax = Figure().subplots()
    assert watch_translation(nets, cheese.images, pepperoni.images)(Figure().subplots()) is None  # no pizzas: no reader
    said = watch_translation(nets, cheese, pepperoni)(ax)
    first, second = (int(word) for word in said.split() if word.isdigit() and int(word) != READ)
    assert first <= 6 and second <= 6, said  # nothing is translated
