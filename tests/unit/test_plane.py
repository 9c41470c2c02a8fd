"""The clouds of the plane and the best discriminator there can be."""

import math

import pytest
import torch

from gan_helpers.datasets.plane import SHAPES, Target, gaussian_mixture_density, target
from gan_helpers.plots.plane import CELLS, optimal_scores, plane_frame


@pytest.mark.parametrize("shape", SHAPES)
def test_samples_lie_in_the_picture_and_come_again_for_the_same_seed(shape):
    points = target(shape).sample(500, seed=4)
    assert points.shape == (500, 2) and points.dtype == torch.float32
    assert points.abs().max() <= 1
    assert torch.equal(points, target(shape).sample(500, seed=4))
    assert not torch.equal(points, target(shape).sample(500, seed=5))


def test_the_density_integrates_to_one():
    side = torch.linspace(-1.5, 1.5, 301)
    places = torch.cartesian_prod(side, side)
    assert target("ring").density(places).sum().item() * 0.01**2 == pytest.approx(1, abs=1e-3)


def test_the_density_of_one_gaussian_has_its_closed_form():
    at_centre = gaussian_mixture_density(torch.zeros(1, 2), torch.zeros(1, 2), 0.5)
    assert at_centre.item() == pytest.approx(1 / (2 * math.pi * 0.25))


def test_samples_follow_the_density():
    ring = target("ring")
    near = (torch.cdist(ring.sample(8000, seed=0), ring.centres).min(1).values < ring.spread).float().mean()
    assert near.item() == pytest.approx(1 - math.exp(-0.5), abs=0.02)  # Rayleigh: within one sigma in the plane


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ("rign", "one of ring"),
        ([], "pairs"),
        ([(1, 2, 3)], "pairs"),
        ([(0.0, 0.95)], "-0.85"),
        ([("a", "b")], "should look like"),
        ([(float("nan"), 0.0)], "-0.85"),
    ],
)
def test_a_wrong_shape_is_explained(shape, message):
    with pytest.raises(ValueError, match=message):
        target(shape)


def test_the_optimal_discriminator_is_half_where_fakes_are_as_likely_as_real_points():
    ring = target("ring")
    scores = optimal_scores(ring, ring.sample(4000, seed=1))
    assert scores.shape == (CELLS, CELLS)
    side = torch.linspace(-1, 1, CELLS)
    y, x = torch.meshgrid(side, side, indexing="ij")
    places = torch.stack([x.flatten(), y.flatten()], 1)
    dense = ring.density(places).reshape(CELLS, CELLS) > 0.5
    assert (scores[dense] - 0.5).abs().max() < 0.2
    elsewhere = optimal_scores(ring, torch.full((500, 2), 0.0))
    assert elsewhere[CELLS // 2, CELLS // 2] < 0.01 and elsewhere[dense].min() > 0.9


class _Slope(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.direction = torch.nn.Parameter(torch.tensor([2.0, -1.0]))

    def forward(self, points):
        return points @ self.direction


def test_the_push_is_the_gradient_of_log_d():
    class Pair:
        generator, discriminator = torch.nn.Identity(), _Slope()

        def __iter__(self):
            return iter((self.generator, self.discriminator))

    nets = Pair()
    nets.generator.register_parameter("p", torch.nn.Parameter(torch.zeros(1)))
    z = torch.tensor([[0.3, 0.1], [-0.5, 0.2]])
    frame = plane_frame(nets, z)
    # d/dx log sigmoid(w.x) = (1 - sigmoid(w.x)) w
    expected = (1 - (z @ nets.discriminator.direction).sigmoid())[:, None] * nets.discriminator.direction
    assert torch.allclose(frame["push"], expected, atol=1e-6)
    assert nets.discriminator.direction.grad is None  # looking changes nothing


def test_a_target_of_ones_own_is_kept():
    assert torch.equal(target([(0.5, 0.0), (-0.5, 0.2)]).centres, torch.tensor([[0.5, 0.0], [-0.5, 0.2]]))
    assert isinstance(target([(0, 0)]), Target)
