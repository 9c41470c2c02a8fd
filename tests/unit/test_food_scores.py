"""The scores of pictures of food on controls whose order is known: real, copied, blurred, collapsed, noise."""

import itertools

import pytest
import torch
import torch.nn.functional as F

from gan_helpers.datasets.food import load_food
from gan_helpers.datasets.food.attributes import TOPPINGS
from gan_helpers.food_scores import ENOUGH, FoodJudge, nearest_pictures, read_food
from gan_helpers.weights import card

N = 400


@pytest.fixture(scope="module")
def real():
    return load_food(n=N).images.float() / 127.5 - 1


@pytest.fixture(scope="module")
def second():
    """Other real pictures, of combinations that the reader was never trained on."""
    return load_food("held-out", n=N, seed=1)


@pytest.fixture(scope="module")
def others(second):
    return second.images.float() / 127.5 - 1


@pytest.fixture(scope="module")
def judge(real):
    return FoodJudge(real)


@pytest.fixture(scope="module")
def noise(real):
    return torch.rand(real.shape, generator=torch.Generator().manual_seed(0)) * 2 - 1


def blurred(images: torch.Tensor, width: int) -> torch.Tensor:
    """Each pixel the mean of `width` x `width` round it."""
    return F.avg_pool2d(images, width, stride=1, padding=width // 2, count_include_pad=False)


def test_the_reader_reads_what_was_drawn_and_is_sure(second):
    reading = read_food(second.images)
    right = [found == drawn for found, drawn in zip(reading.foods(), second.foods, strict=True)]
    assert sum(right) >= 0.98 * N
    assert reading.sure().float().mean() > 0.98


def test_every_attribute_on_its_own(second):
    found = read_food(second.images).foods()
    for name in ("food", "surface", "shape", "count", "style", "toppings"):
        same = [getattr(a, name) == getattr(b, name) for a, b in zip(found, second.foods, strict=True)]
        assert sum(same) >= 0.98 * N, name
    for topping in TOPPINGS:
        same = [(topping in a.toppings) == (topping in b.toppings) for a, b in zip(found, second.foods, strict=True)]
        assert sum(same) >= 0.98 * N, topping


def test_the_card_promises_98_percent_of_each_attribute():
    read_right = card("reader")["scores"]["attributes read right"]["64 pixels"]
    assert min(read_right.values()) >= 0.98


def test_the_reader_is_unsure_of_noise_of_single_colours_and_of_pictures_cut_up(real, noise):
    assert read_food(noise).sure().float().mean() < 0.02
    plain = (torch.rand(N, 3, 1, 1, generator=torch.Generator().manual_seed(1)) * 2 - 1).expand_as(real)
    assert read_food(plain).sure().float().mean() < 0.05
    halves = torch.cat([real[:, :, 32:], real.roll(1, 0)[:, :, :32]], 2)  # upside down, from two pictures
    assert read_food(halves).sure().float().mean() < 0.6


def test_growing_blur_is_read_less_and_lies_farther(judge, others):
    scores = [judge(blurred(others, width)) for width in (1, 5, 9, 17, 33)]
    shares, distances = [score.read for score in scores], [score.distance for score in scores]
    assert distances == sorted(distances)
    assert all(after <= before + 0.02 for before, after in itertools.pairwise(shares))
    assert shares[0] > 0.98 and shares[-1] < 0.1
    assert scores[0].density > scores[2].density > scores[4].density
    assert scores[0].coverage > scores[2].coverage > scores[4].coverage


def test_controls_come_in_the_right_order(judge, real, others, noise):
    same, other_kinds, nothing = judge(real), judge(others), judge(noise)
    floor = judge(load_food(n=N, seed=1).images)  # other pictures of the same combinations
    collapsed = judge(others[:4].repeat(N // 4, 1, 1, 1))
    assert same.distance < 1e-3 < floor.distance < other_kinds.distance < collapsed.distance < nothing.distance
    assert same.coverage == 1.0 and floor.coverage > 0.9 > 0.2 > collapsed.coverage > nothing.coverage
    assert collapsed.read > 0.98  # it looks real, it is only always the same
    assert nothing.read < 0.02 and nothing.density == 0


def test_copies_of_the_training_set_are_found_by_their_nearest_picture_alone(judge, real, others):
    copies = (real + 0.01).clamp(-1, 1)
    assert judge(copies).coverage > 0.99 and judge(copies).read > 0.98
    near, index = nearest_pictures(copies[:50], real)
    assert index.tolist() == list(range(50))
    far, _ = nearest_pictures(others[:50], real)
    assert near.max() < 0.2 * far.min()
    in_bytes, _ = nearest_pictures(((real[:5] + 1) * 127.5).round().to(torch.uint8), real)
    assert in_bytes.max() < 0.2


def test_at_32_pixels_food_and_surface_can_still_be_read(second, others):
    reading = read_food(F.avg_pool2d(others, 2))
    same = [(a.food, a.surface) == (b.food, b.surface) for a, b in zip(reading.foods(), second.foods, strict=True)]
    assert sum(same) >= 0.98 * N


@pytest.mark.parametrize(
    ("images", "words"),
    [
        (torch.zeros(ENOUGH - 1, 3, 64, 64), f"images should hold {ENOUGH} pictures or more.*{ENOUGH - 1} came"),
        (torch.zeros(ENOUGH, 1, 64, 64), r"\(N, 3, H, W\).*\(128, 1, 64, 64\)"),
        (torch.zeros(ENOUGH, 3, 28, 28), "32 pixels or more"),
    ],
)
def test_what_cannot_be_scored_is_named(judge, images, words):
    with pytest.raises(ValueError, match=words):
        judge(images)
    with pytest.raises(ValueError, match=words.replace("images should hold", "real should hold")):
        FoodJudge(images)
