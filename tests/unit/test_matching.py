"""Which caption fits which picture."""

import numpy as np
import pytest
import torch

from gan_helpers.datasets.food import captions, random_food
from gan_helpers.datasets.food.dataset import encode
from gan_helpers.datasets.food.matching import fits, stated_columns, wrong_texts


def some(n: int, seed: int = 0):
    rng = np.random.default_rng(seed)
    foods = [random_food(rng) for _ in range(n)]
    return foods, [captions(food, rng) for food in foods]


def test_a_caption_fits_the_pictures_that_agree_in_all_it_states():
    foods, texts = some(60)
    codes = torch.from_numpy(np.stack([encode(food) for food in foods]))
    for number in range(5):
        stated = torch.from_numpy(np.stack([stated_columns(five[number].stated) for five in texts]))
        fitting = fits(codes, codes, stated)
        assert fitting.diagonal().all()
        for i, food in enumerate(foods):
            for j, five in enumerate(texts):
                agrees = five[number].stated.items() <= food._asdict().items()
                assert fitting[i, j].item() == agrees, (food, five[number])


def test_something_fits_by_chance_and_most_does_not():
    foods, texts = some(300)
    codes = torch.from_numpy(np.stack([encode(food) for food in foods]))
    stated = torch.from_numpy(np.stack([stated_columns(five[4].stated) for five in texts]))
    share = fits(codes, codes, stated).float().mean().item()
    assert 1 / 300 < share < 0.2


def test_a_wrong_text_never_fits_and_any_wrong_one_may_come():
    torch.manual_seed(0)
    fitting = torch.rand(50, 40) < 0.7
    seen = torch.zeros_like(fitting)
    for _ in range(400):
        picked = wrong_texts(fitting)
        assert not fitting[torch.arange(50), picked].any()
        seen[torch.arange(50), picked] = True
    assert torch.equal(seen, ~fitting)


def test_without_a_wrong_text_it_says_so():
    with pytest.raises(ValueError, match="picture 1: all 3 fit"):
        wrong_texts(torch.tensor([[True, False, True], [True, True, True]]))


def test_an_unknown_attribute_is_refused():
    with pytest.raises(KeyError):
        stated_columns({"colour": "red"})
