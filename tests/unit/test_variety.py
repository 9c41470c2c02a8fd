"""Variety within a caption: drawings have 1, a generator that ignores z 0; noise and wrong pictures earn nothing."""

import pytest
import torch

from gan_helpers.datasets.food import Food
from gan_helpers.pixels import as_floats
from gan_helpers.variety import coarse_copies, drawings, spread, variety

FOODS = [
    Food("pizza", "white plate", "whole", ("pepperoni",)),
    Food("pizza", "wooden board", "slice", ("mushrooms", "olives")),
    Food("broccoli", "red napkin", None, (), 2, "cheese sauce"),
    Food("both", "blue plate", "slice", ("ham",), 1, "dark"),
]
EACH = 12


@pytest.fixture(scope="module")
def drawn():
    return drawings(FOODS, EACH)


@pytest.fixture(scope="module")
def others():
    return drawings(FOODS, EACH, seed=1)


@pytest.fixture
def right():
    return torch.ones(len(FOODS), EACH, dtype=torch.bool)


def test_the_spread_is_the_mean_squared_distance_of_pairs():
    rows = torch.randn(7, 5, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    pairs = [(a - b).square().sum() for n, a in enumerate(rows) for b in rows[:n]]
    assert spread(rows) == pytest.approx(torch.stack(pairs).mean().item())
    assert spread(rows[:1]) == spread(rows[:0]) == 0


def test_other_drawings_are_as_varied(drawn, others, right):
    found = variety(others, drawn, right)
    for shares in found:
        assert shares.shape == (len(FOODS),) and 0.9 < shares.mean() < 1.1 and shares.min() > 0.7


def test_a_generator_that_ignores_z_has_none(drawn, right):
    same = drawn[:, :1].expand(-1, EACH, -1, -1, -1)
    tinted = as_floats(same.flatten(0, 1)) * torch.linspace(0.95, 1, EACH).repeat(len(FOODS))[:, None, None, None]
    for made in (same, tinted.unflatten(0, (len(FOODS), EACH))):
        for shares in variety(made, drawn, right):
            assert shares.max() < 0.1


def test_grain_is_no_variety_in_coarse_copies(drawn, right):
    same = as_floats(drawn[:, :1].expand(-1, EACH, -1, -1, -1).flatten(0, 1))
    noisy = same + 0.15 * torch.randn(same.shape, generator=torch.Generator().manual_seed(0))
    found = variety(noisy.clamp(-1, 1).unflatten(0, (len(FOODS), EACH)), drawn, right)
    assert found.coarse.max() < 0.1 and found.fine.mean() > 2 * found.coarse.mean()


def test_wrong_pictures_earn_nothing(drawn, others, right):
    half = right.clone()
    half[:, ::2] = False
    noise = others.clone()
    noise[:, ::2] = torch.randint(0, 256, noise[:, ::2].shape, dtype=torch.uint8)
    assert torch.equal(variety(noise, drawn, half).fine, variety(others[:, 1::2], drawn, right[:, 1::2]).fine)
    half[0, 3:] = False  # one right picture is left: number 1
    assert variety(others, drawn, half).fine[0] == 0


def test_coarse_copies_keep_what_is_large(drawn):
    images = as_floats(drawn[0])
    assert torch.allclose(coarse_copies(images).mean((2, 3)), images.mean((2, 3)), atol=0.02)


def test_shapes_that_do_not_fit_are_refused(drawn, right):
    with pytest.raises(ValueError, match=r"right \(C, K\)"):
        variety(drawn, drawn, right[:2])
    with pytest.raises(ValueError, match=r"made should be \(C, K, 3, H, W\)"):
        variety(drawn[0], drawn, right)
