"""The numbers for "good", against closed forms and controls."""

import pytest
import torch

from gan_helpers.metrics import density_and_coverage, nearest, separation


def cloud(n: int, seed: int, *, dimensions: int = 3) -> torch.Tensor:
    return torch.randn(n, dimensions, generator=torch.Generator().manual_seed(seed))


def test_a_second_real_set_covers_as_much_as_theory_says():
    # Naeem et al. 2020, section 3: 1 - (N-1)...(N-k) / (M+N-1)...(M+N-k), whatever the distribution
    n, m, k = 400, 300, 4
    expected = 1.0
    for i in range(1, k + 1):
        expected *= (n - i) / (m + n - i)
    found = [density_and_coverage(cloud(n, s), cloud(m, 1000 + s), k).coverage for s in range(20)]
    assert sum(found) / len(found) == pytest.approx(1 - expected, abs=0.01)


def test_density_of_a_second_real_set_is_one():
    found = [density_and_coverage(cloud(400, s), cloud(400, 1000 + s)).density for s in range(20)]
    assert sum(found) / len(found) == pytest.approx(1.0, abs=0.03)


def test_controls_come_in_the_right_order():
    real = cloud(500, 0)
    second = density_and_coverage(real, cloud(500, 1))
    half = density_and_coverage(real, cloud(500, 1).abs())
    one_place = density_and_coverage(real, real[:1].expand(500, -1) + 0.01 * cloud(500, 2))
    far = density_and_coverage(real, cloud(500, 3) + 50)
    assert second.coverage > half.coverage > one_place.coverage > far.coverage == 0
    assert far.density == 0
    assert one_place.density > 0.5  # it looks real, it is only always the same


def test_wrong_shapes_are_named():
    with pytest.raises(ValueError, match=r"\(5, 3\) and \(5, 2\)"):
        density_and_coverage(torch.zeros(5, 3), torch.zeros(5, 2))
    with pytest.raises(ValueError, match="k should be"):
        density_and_coverage(torch.zeros(5, 3), torch.zeros(5, 3), k=5)


@pytest.mark.parametrize(
    ("real", "fake", "share"),
    [([1.0, 2.0], [-1.0, 0.0], 1.0), ([-1.0], [1.0], 0.0), ([0.0, 0.0], [0.0], 0.5), ([1.0, -1.0], [0.0], 0.5)],
)
def test_separation_counts_the_pairs_ranked_right(real, fake, share):
    assert separation(torch.tensor(real), torch.tensor(fake)) == share


def test_separation_of_two_shifted_gaussians():
    # P(x > y) = Phi(d / sqrt 2) for unit Gaussians a distance d apart
    torch.manual_seed(0)
    expected = torch.distributions.Normal(0, 1).cdf(torch.tensor(1.0 / 2**0.5)).item()
    assert separation(torch.randn(3000) + 1, torch.randn(3000)) == pytest.approx(expected, abs=0.02)


def test_a_copy_is_at_distance_zero_from_itself():
    training = cloud(50, 0)
    distance, index = nearest(training[[7, 31]], training)
    assert index.tolist() == [7, 31]
    assert torch.allclose(distance, torch.zeros(2), atol=1e-3)
