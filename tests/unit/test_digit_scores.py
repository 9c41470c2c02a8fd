"""The judge of the digits, on sets whose quality is known."""

import pytest
import torch

from gan_helpers.datasets.digits import load_digits
from gan_helpers.digit_scores import read_digits, score_digits
from gan_helpers.models.mlp_gan import sample_z
from gan_helpers.train import digit_gan
from gan_helpers.watch import samples
from gan_helpers.weights import load_shipped


def flat(split: str) -> torch.Tensor:
    return load_digits(split).images.flatten(1).float() / 127.5 - 1


@pytest.fixture(scope="module")
def held_out():
    return score_digits(flat("held-out"))


def test_the_reader_reads_97_of_100_held_out_digits_right():
    digits = load_digits("held-out")
    read, confidence = read_digits(flat("held-out"))
    assert (read == digits.labels).float().mean() >= 0.97
    assert confidence.min() >= 0 and confidence.max() <= 1


def test_held_out_digits_score_as_real_ones(held_out):
    assert held_out.read > 0.95
    assert 0.08 < held_out.shares.min() <= held_out.shares.max() < 0.12
    assert 0.85 < held_out.density < 1.15 and held_out.coverage > 0.93


def test_copies_are_found_by_their_distance(held_out):
    copies = score_digits(flat("train")[:1000])
    assert copies.distance < 0.1 < 5 < held_out.distance  # not 0: squares of differences, in float32


def test_noise_is_not_read_and_covers_nothing(held_out):
    torch.manual_seed(0)
    noise = score_digits(torch.rand(1000, 784) * 2 - 1)
    assert noise.coverage == noise.density == 0
    assert noise.read < 0.05 and noise.distance > 2 * held_out.distance


def test_one_digit_again_and_again_shows_in_shares_and_coverage():
    digits = load_digits("held-out")
    threes = score_digits(flat("held-out")[digits.labels == 3])
    assert threes.shares.argmax() == 3 and threes.shares.max() > 0.9 and threes.coverage < 0.2


def test_blur_lowers_what_is_read(held_out):
    images = load_digits("held-out").images.float() / 127.5 - 1
    read = [held_out.read]
    for size in (3, 5, 7):
        blurred = torch.nn.functional.avg_pool2d(images + 1, size, stride=1, padding=size // 2) - 1
        read.append(score_digits(blurred).read)
    assert read == sorted(read, reverse=True) and read[-1] < 0.05


@pytest.mark.parametrize(
    ("name", "batchnorm", "collapsed"), [("mlp_gan", True, False), ("mlp_gan_collapsed", False, True)]
)
def test_the_shipped_generators_are_what_they_are_called(name, batchnorm, collapsed):
    generator = digit_gan(batchnorm=batchnorm)[0].generator
    card = load_shipped(generator, f"{name}_generator")
    torch.manual_seed(1)
    scores = score_digits(samples(generator, sample_z(2000, torch.zeros(1))))
    # Other random numbers than the card's: the figures must agree all the same.
    assert scores.read == pytest.approx(card["scores"]["read"], abs=0.05)
    assert scores.coverage == pytest.approx(card["scores"]["coverage"], abs=0.05)
    assert (scores.shares.min() < 0.02) == collapsed
