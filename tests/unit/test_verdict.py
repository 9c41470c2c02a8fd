"""The verdict on a GAN, on controls whose state is known, and on trainings it was not tuned on."""

import pytest
import torch
from torch import nn

from gan_helpers.batches import Batches
from gan_helpers.datasets.plane import target
from gan_helpers.models.mlp_gan import GAN, discriminator_step, generator_step, sample_z
from gan_helpers.runtime import threads_for
from gan_helpers.train import plane_gan
from gan_helpers.verdict import Verdict, diagnose
from gan_helpers.watch import samples

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


@pytest.mark.parametrize(
    ("kinds", "word"),
    [
        (1, "collapsed"),
        (2, "collapsed"),
        (3, "collapsed"),
        (5, "kinds missing"),
        (6, "kinds missing"),
        (7, "kinds missing"),
        (8, "healthy"),
    ],
)
def test_what_share_of_the_eight_clouds_is_reached(kinds, word):
    some = target(RING.centres[:kinds].tolist()).sample(500, seed=1)
    found = verdict(some)
    assert found.word == word
    assert found.regions == pytest.approx(kinds / 8, abs=0.08)


def clouds_reached(shape, fake: torch.Tensor, due: float) -> float:
    """The share of the clouds with at least `due` of the fakes they should have, from the centres themselves."""
    distance, cloud = torch.cdist(fake, shape.centres).min(1)
    reached = cloud[distance < 4 * shape.spread].bincount(minlength=len(shape.centres))
    return (reached >= due * len(fake) / len(shape.centres)).float().mean().item()


@pytest.mark.parametrize("shape", ["ring", "grid"])
@pytest.mark.parametrize("seed", [11, 12])
def test_on_trainings_it_was_not_chosen_on_the_verdict_tells_what_is_missing(shape, seed):
    shape = target(shape)
    real, batches = shape.sample(500, seed=0), Batches(shape.sample(4096, seed=0), 128, seed=seed)
    torch.manual_seed(seed)
    nets, opts = plane_gan()
    z = sample_z(500, real)
    words = set()
    with threads_for(nets):
        for step in range(1, 1001):
            discriminator_step(batches.next(), nets, opts)
            generator_step(real[:128], nets, opts)
            if step % 100 == 0:
                found, fake = diagnose(real, nets, z), samples(nets.generator, z)
                words.add(found.word)
                share = clouds_reached(shape, fake, due=0.1)
                if share < 0.45:
                    assert found.word in ("collapsed", "noise", "D has won"), (step, share, found)
                if share < 0.8:
                    assert found.word != "healthy", (step, share, found)
                inside = (torch.cdist(fake, shape.centres).amin(1) < 4 * shape.spread).float().mean()
                if inside < 0.4:
                    assert found.word not in ("healthy", "kinds missing"), (step, inside, found)
                if clouds_reached(shape, fake, due=0.4) == 1:
                    assert found.word == "healthy" or (found.word == "rough" and inside < 0.85), (step, inside, found)
    assert "healthy" in words and len(words) > 1, words  # both ends were met


def test_points_all_over_the_square_are_rough_not_healthy():
    assert verdict(torch.rand(4000, 2, generator=torch.Generator().manual_seed(0)) * 2 - 1).word == "rough"


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
