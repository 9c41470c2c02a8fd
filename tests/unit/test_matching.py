"""Which caption fits which picture."""

from collections.abc import Callable

import numpy as np
import pytest
import torch

from gan_helpers.datasets.food import captions, random_food
from gan_helpers.datasets.food.attributes import every_food
from gan_helpers.datasets.food.dataset import encode
from gan_helpers.datasets.food.matching import (
    COLUMNS,
    contradictions,
    fits,
    stated_columns,
    wrong_texts,
    wrong_texts_by_kind,
)
from gan_helpers.datasets.food.paraphrases import PARAPHRASES
from gan_helpers.datasets.food.telegrams import telegram


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


def test_paraphrases_state_what_can_be_and_say_it_in_words_of_their_own():
    assert len(PARAPHRASES) == len({caption.text for caption in PARAPHRASES}) == 32
    rng = np.random.default_rng(0)
    for caption in PARAPHRASES:
        alike = [food for food in every_food() if caption.stated.items() <= food._asdict().items()]
        assert alike, caption
        written = {one.text for food in alike[:20] for _ in range(30) for one in captions(food, rng)}
        written |= {telegram(text, rng) for text in sorted(written) for _ in range(10)}
        assert caption.text.lower() not in written


def test_contradictions_are_told_by_attribute():
    codes = torch.zeros(2, 14, dtype=torch.uint8)
    asked = codes.clone()
    asked[1, [0, 5, 6]] = 1
    stated = torch.ones(2, 14, dtype=torch.bool)
    food_and_toppings = [name in ("food", "toppings") for name in COLUMNS]
    assert contradictions(codes, asked, stated).tolist() == [[[False] * 6, food_and_toppings]] * 2
    stated[1, 5:] = False
    assert contradictions(codes, asked, stated)[0, 1].tolist() == [name == "food" for name in COLUMNS]


def some_contradictions() -> torch.Tensor:
    torch.manual_seed(0)
    return torch.rand(50, 40, 6) < 0.2


def picked_often(pick: Callable) -> torch.Tensor:
    """How often of 2,000 times each text was picked, for `some_contradictions`."""
    counts = torch.zeros(50, 40)
    for _ in range(1000):
        picked = pick()
        assert picked.shape == (50, 2)
        counts.scatter_add_(1, picked, torch.ones(50, 2))
    return counts


def test_a_wrong_text_never_fits_and_each_wrong_one_comes_as_often():
    contradicting = some_contradictions()
    wrong, counts = contradicting.any(2), picked_often(lambda: wrong_texts(contradicting, 2))
    assert torch.equal(counts > 0, wrong)
    expected = (wrong * (2000 / wrong.sum(1, keepdim=True)))[wrong]
    assert ((counts[wrong] - expected) / expected.sqrt()).abs().max() < 5  # standard deviations


def test_each_kind_of_mistake_comes_as_often_as_its_number_says():
    contradicting, kinds = some_contradictions(), (1.0, 2.0, 0.0, 1.0, 0.5, 3.0, 1.5)
    counts = picked_often(lambda: wrong_texts_by_kind(contradicting, kinds, 2))
    mistakes = contradicting.sum(2)
    assert not counts[mistakes == 0].any()
    for row in range(len(counts)):
        of_kind = [counts[row, contradicting[row, :, a] & (mistakes[row] == 1)].sum() for a in range(6)]
        there = [bool((contradicting[row, :, a] & (mistakes[row] == 1)).any()) for a in range(6)]
        of_kind, there = [*of_kind, counts[row, mistakes[row] > 1].sum()], [*there, bool((mistakes[row] > 1).any())]
        whole = sum(odds for odds, here in zip(kinds, there, strict=True) if here)
        for count, odds, here in zip(of_kind, kinds, there, strict=True):
            expected = 2000 * odds * here / whole
            assert abs(count - expected) <= 5 * expected**0.5


def test_without_a_wrong_text_it_says_so():
    contradicting = torch.zeros(2, 3, 6, dtype=torch.bool)
    contradicting[0, 1, 2] = True
    with pytest.raises(ValueError, match="picture 1: all 3 fit"):
        wrong_texts(contradicting)
    with pytest.raises(ValueError, match="picture 1: all 3 fit"):
        wrong_texts_by_kind(contradicting, (1.0,) * 7)
