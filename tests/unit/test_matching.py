"""Which caption fits which picture."""

import numpy as np
import pytest
import torch

from gan_helpers.datasets.food import captions, random_food
from gan_helpers.datasets.food.attributes import every_food
from gan_helpers.datasets.food.dataset import encode
from gan_helpers.datasets.food.matching import contradictions, fits, stated_columns, wrong_texts
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


def test_contradictions_are_counted_one_by_one():
    codes = torch.zeros(2, 14, dtype=torch.uint8)
    asked = codes.clone()
    asked[1, [0, 5, 6]] = 1
    stated = torch.ones(2, 14, dtype=torch.bool)
    assert contradictions(codes, asked, stated).tolist() == [[0, 3], [0, 3]]
    stated[1, 5] = False
    assert contradictions(codes, asked, stated)[0, 1] == 2


@pytest.mark.parametrize("near", [0.0, 1.0])
def test_a_wrong_text_never_fits_and_any_wrong_one_may_come(near):
    torch.manual_seed(0)
    contradicting = torch.randint(0, 4, (50, 40)).clamp(min=1) - 1
    seen = torch.zeros(50, 40)
    for _ in range(1000):
        picked = wrong_texts(contradicting, 2, near=near)
        assert picked.shape == (50, 2) and (contradicting.gather(1, picked) > 0).all()
        seen.scatter_add_(1, picked, torch.ones(50, 2))
    assert torch.equal(seen > 0, contradicting > 0)
    often = [seen[contradicting == k].mean().item() for k in (1, 2)]
    assert often[0] / often[1] == pytest.approx(torch.tensor(near).exp().item(), rel=0.05)


def test_without_a_wrong_text_it_says_so():
    with pytest.raises(ValueError, match="picture 1: all 3 fit"):
        wrong_texts(torch.tensor([[0, 1, 0], [0, 0, 0]]))


def test_an_unknown_attribute_is_refused():
    with pytest.raises(KeyError):
        stated_columns({"colour": "red"})
