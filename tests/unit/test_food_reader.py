"""The reader's shapes, its loss against a second form, and what counts as read right."""

import numpy as np
import torch
import torch.nn.functional as F

from gan_helpers.datasets.food import random_food
from gan_helpers.datasets.food.attributes import TOPPINGS
from gan_helpers.datasets.food.dataset import encode
from gan_helpers.models.food_reader import CLASSES, FEATURES, FoodReader, reading_loss, right_answers

RNG = np.random.default_rng(0)
CODES = torch.from_numpy(np.stack([encode(random_food(RNG)) for _ in range(40)]))


def perfect(codes: torch.Tensor, sure: float = 20.0) -> dict[str, torch.Tensor]:
    """The logits of a reader that is right and sure."""
    logits = {name: sure * F.one_hot(codes[:, k].long(), n).float() for k, (name, n) in enumerate(CLASSES.items())}
    return logits | {"toppings": sure * (2 * codes[:, len(CLASSES) :].float() - 1)}


def test_any_size_of_picture_becomes_features_and_logits():
    reader = FoodReader(4).eval()
    for size in (32, 48, 64):
        images = torch.rand(2, 3, size, size) * 2 - 1
        assert reader.features(images).shape == (2, FEATURES)
        assert {k: v.shape[1] for k, v in reader(images).items()} == CLASSES | {"toppings": len(TOPPINGS)}


def test_codes_fit_the_classes():
    assert CODES.shape == (40, len(CLASSES) + len(TOPPINGS))
    assert all(CODES[:, k].max() < n for k, n in enumerate(CLASSES.values()))


def test_the_loss_of_a_perfect_reader_is_0_and_of_a_clueless_one_the_entropy():
    assert reading_loss(perfect(CODES), CODES) < 1e-4
    clueless = {name: torch.zeros_like(logits) for name, logits in perfect(CODES).items()}
    expected = sum(np.log(n) for n in CLASSES.values()) + len(TOPPINGS) * np.log(2)
    assert abs(reading_loss(clueless, CODES).item() - expected) < 1e-4


def test_one_wrong_topping_makes_the_toppings_wrong():
    logits = perfect(CODES)
    assert all(right.all() for right in right_answers(logits, CODES).values())
    logits["toppings"][3, 5] *= -1
    logits["surface"][7] = logits["surface"][7].roll(1)
    right = right_answers(logits, CODES)
    assert (~right["toppings"]).nonzero().tolist() == [[3]] and (~right["surface"]).nonzero().tolist() == [[7]]
    assert right["food"].all()
