"""The numbers for "good", against closed forms and controls."""

import pytest
import torch

from gan_helpers.metrics import density_and_coverage, frechet_distance, nearest, separation


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


def test_the_frechet_distance_of_normal_sets_is_the_closed_form():
    generator = torch.Generator().manual_seed(0)
    a = torch.randn(40_000, 6, generator=generator)
    b = 2 * torch.randn(40_000, 6, generator=generator) + 1
    assert frechet_distance(a, b) == pytest.approx(6 * 1 + 6 * (1 + 4 - 2 * 2), rel=0.02)
    assert frechet_distance(a, b) == pytest.approx(frechet_distance(b, a), rel=1e-6)


def test_the_frechet_distance_of_given_moments_is_that_of_a_second_implementation():
    generator = torch.Generator().manual_seed(1)
    a = torch.randn(500, 5, generator=generator) @ torch.randn(5, 5, generator=generator)
    b = torch.randn(700, 5, generator=generator) @ torch.randn(5, 5, generator=generator) + 0.3
    a, b = a.double(), b.double()
    values = torch.linalg.eigvals(a.T.cov() @ b.T.cov()).real.clamp(min=0).sqrt().sum()
    expected = (a.mean(0) - b.mean(0)).square().sum() + a.T.cov().trace() + b.T.cov().trace() - 2 * values
    assert frechet_distance(a, b) == pytest.approx(expected.item(), rel=1e-5)


def test_the_frechet_distance_puts_controls_in_the_right_order():
    generator = torch.Generator().manual_seed(2)
    real, second = (torch.randn(1000, 8, generator=generator) for _ in range(2))
    collapsed = real[:4].repeat(250, 1)
    noise = 5 * torch.rand(1000, 8, generator=generator)
    growing = [frechet_distance(real, real + shift) for shift in (0.1, 0.3, 1.0)]
    assert frechet_distance(real, real) < 1e-6 < frechet_distance(real, second) < growing[1] < growing[2]
    assert growing == sorted(growing)
    assert frechet_distance(real, second) < frechet_distance(real, collapsed) < frechet_distance(real, noise)


@pytest.mark.parametrize(
    ("real", "fake", "words"),
    [
        (torch.randn(100, 8), torch.randn(15, 8), "fake should hold 16 samples or more .* holds 15"),
        (torch.randn(3, 8), torch.randn(100, 8), "real should hold 16"),
        (torch.randn(100, 8), torch.randn(100, 7), r"\(100, 8\) and \(100, 7\)"),
        (torch.randn(100, 8), torch.randn(100, 8) / 0, "NaN or infinite"),
    ],
)
def test_features_that_do_not_fit_a_frechet_distance_are_refused(real, fake, words):
    with pytest.raises(ValueError, match=words):
        frechet_distance(real, fake)
