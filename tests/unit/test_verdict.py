"""The verdict on a GAN, on controls whose state is known, and on trainings it was not tuned on."""

import pytest
import torch
from torch import nn

from gan_helpers.datasets.plane import target
from gan_helpers.models.mlp_gan import GAN
from gan_helpers.verdict import Verdict, diagnose

RING = target("ring")
REAL = RING.sample(500, seed=0)


class Prepared(nn.Module):
    """A "network" that answers with what it was given, whatever its input."""

    def __init__(self, answer):
        super().__init__()
        self.answer = answer
        self.normalisation = nn.BatchNorm1d(2)  # so that a wrong mode would leave traces

    def forward(self, x):
        return self.answer(x)


def verdict(fake: torch.Tensor, judge=lambda points: torch.zeros(len(points))) -> Verdict:
    return diagnose(REAL, GAN(Prepared(lambda z: fake), Prepared(judge)), torch.zeros(len(fake), 1))


def knows_the_ring(points):
    """A D that is never wrong about fakes far from the ring."""
    return RING.density(points).add(1e-9).log()


def test_a_second_real_set_is_healthy():
    assert verdict(RING.sample(500, seed=1)).word == "healthy"


@pytest.mark.parametrize("kinds", [1, 2, 3])
def test_few_of_the_eight_clouds_are_a_collapse(kinds):
    few = target(RING.centres[:kinds].tolist()).sample(500, seed=1)
    assert verdict(few).word == "collapsed"


def test_one_point_again_and_again_is_a_collapse():
    assert verdict(REAL[:1].expand(500, -1)).word == "collapsed"


def test_points_far_from_all_real_ones_are_noise():
    assert verdict(torch.full((500, 2), 0.0) + 0.02 * torch.randn(500, 2)).word == "noise"


def test_a_discriminator_without_fault_has_won():
    assert verdict(0.05 * torch.randn(500, 2), knows_the_ring).word == "D has won"


def test_a_discriminator_that_ranks_right_but_is_not_sure_has_not_won():
    assert verdict(0.05 * torch.randn(500, 2), lambda points: knows_the_ring(points) / 1000).word == "noise"


def test_numbers_and_meaning_are_said():
    found = verdict(RING.sample(500, seed=1))
    assert "50% of pairs" in found.numbers() and str(found).startswith("healthy: ")
    assert found.separation == 0.5 and found.coverage > 0.9


def test_looking_leaves_the_modes_as_they_were():
    nets = GAN(Prepared(lambda z: REAL), Prepared(lambda x: torch.zeros(len(x))))
    nets.generator.eval()
    diagnose(REAL, nets, torch.zeros(500, 1))
    assert not nets.generator.training and nets.discriminator.training
    assert nets.discriminator.normalisation.num_batches_tracked == 0
