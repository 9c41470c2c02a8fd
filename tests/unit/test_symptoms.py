"""Symptoms of a GAN, on networks whose state is known."""

import pytest
import torch
from torch import nn

from gan_helpers.models.mlp_gan import GAN
from gan_helpers.symptoms import RECENT, examine

REAL = torch.rand(500, 4, generator=torch.Generator().manual_seed(0)) * 2 - 1
OTHERS = torch.rand(500, 4, generator=torch.Generator().manual_seed(1)) * 2 - 1
LOSSES = torch.tensor([[9.0, 9.0]] * 50 + [[1.0, 2.0], [2.0, 4.0]] * (RECENT // 2))


class Says(nn.Module):
    """Answers with what a function of the input gives."""

    def __init__(self, answer):
        super().__init__()
        self.answer, self.norm = answer, nn.BatchNorm1d(4)

    def forward(self, x):
        return self.answer(x)


def symptoms(fake, judge=lambda x: x.sum(1) * 0):
    return examine(REAL, GAN(Says(lambda z: fake), Says(judge)), torch.zeros(len(fake), 2), LOSSES)


def test_a_second_real_set_has_none():
    found = symptoms(OTHERS)
    assert found.spread == pytest.approx(1, abs=0.05) and found.density == pytest.approx(1, abs=0.1)
    assert found.coverage > 0.9 and found.ranked == 0.5
    assert found.dark == pytest.approx(-0.9, abs=0.05)  # a twentieth of even numbers in [-1, 1] lies below


def test_losses_are_those_of_the_last_steps():
    found = symptoms(OTHERS)
    assert (found.loss_d, found.loss_g, found.unrest) == (1.5, 3.0, 1.0)


def test_one_sample_again_and_again_has_no_spread():
    found = symptoms(OTHERS[:1].expand(500, -1))
    assert found.spread == 0 and found.coverage < 0.05


def test_a_judge_that_knows_ranks_all():
    assert symptoms(OTHERS - 5, lambda x: x.sum(1)).ranked == 1


def test_modes_stay_and_losses_are_asked_for():
    nets = GAN(Says(lambda z: OTHERS), Says(lambda x: x.sum(1)))
    nets.generator.eval()
    examine(REAL, nets, torch.zeros(500, 2), LOSSES)
    assert not nets.generator.training and nets.discriminator.training
    with pytest.raises(ValueError, match="steps, 2"):
        examine(REAL, nets, torch.zeros(500, 2), torch.zeros(0, 2))
