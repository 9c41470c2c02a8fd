"""A classifier with few labels: perfect features win, useless ones stay at chance, and the labels are fair."""

import numpy as np
import pytest
import torch

from gan_helpers import few_labels
from gan_helpers.datasets.food import load_food
from gan_helpers.few_labels import compare_features, what_lies_there


@pytest.fixture(autouse=True)
def few(monkeypatch):
    monkeypatch.setattr(few_labels, "POOL", 150)
    monkeypatch.setattr(few_labels, "TEST", 100)


def test_perfect_features_win_and_noise_stays_at_chance():
    truth = [what_lies_there(food) for food in load_food(n=250, size=16, seed=few_labels.DATA_SEED).foods]
    kinds = sorted(set(truth))
    one_hot = torch.eye(len(kinds))[[kinds.index(kind) for kind in truth]]
    noise = torch.randn(250, 12, generator=torch.Generator().manual_seed(0))
    results = compare_features(
        {"perfect": lambda images: one_hot, "noise": lambda images: noise}, labels=120, repeats=4, size=16
    )
    assert results["perfect"].shape == (4,) and results["perfect"].mean() > 0.95
    most_frequent = max(np.mean([kind == other for kind in truth]) for other in kinds)
    assert results["noise"].mean() < most_frequent + 0.1


def test_it_repeats_to_the_number():
    first, second = (
        compare_features({"raw": lambda images: images.flatten(1)}, labels=40, repeats=2, size=16)["raw"]
        for _ in range(2)
    )
    assert (first == second).all()


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="20 to 150, not 5"):
        compare_features({}, labels=5)
    with pytest.raises(ValueError, match=r"\(250, F\)"):
        compare_features({"odd": lambda images: images}, labels=40, size=16)
