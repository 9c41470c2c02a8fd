"""Gradient descent on a line, against what is known in closed form."""

import pytest
import torch

from gan_helpers.descent import best_line, descend, largest_stable_rate, line_loss, outcome
from gan_helpers.plots import plot_descent

X = torch.linspace(-1, 3, 30)
Y = 1.5 * X - 0.5 + 0.3 * torch.randn(30, generator=torch.Generator().manual_seed(0))


def test_a_small_rate_arrives_at_least_squares():
    run = descend(X, Y, largest_stable_rate(X) / 2, steps=500)
    assert torch.allclose(run.path[-1], best_line(X, Y), atol=1e-6)
    assert not run.diverged


@pytest.mark.parametrize(("factor", "falls"), [(0.5, True), (0.98, True), (1.02, False), (3.0, False)])
def test_the_limit_divides_falling_from_growing(factor, falls):
    run = descend(X, Y, factor * largest_stable_rate(X), steps=400)
    assert (run.losses[-1] < run.losses[0]) == falls
    assert run.diverged == (not falls)


def test_the_path_is_that_of_autograd_and_sgd():
    place = torch.tensor([-2.0, 2.0], dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([place], lr=0.1)
    for _ in range(7):
        optimizer.zero_grad()
        line_loss(X.double(), Y.double(), place[0], place[1]).backward()
        optimizer.step()
    run = descend(X, Y, 0.1, steps=7)
    assert torch.allclose(run.path[-1], place.detach())
    assert run.losses[-1].item() == pytest.approx(line_loss(X.double(), Y.double(), *place.detach()).item())


def test_it_stops_before_numbers_overflow():
    run = descend(X, Y, 100.0, steps=10_000)
    assert len(run.losses) < 10 and torch.isfinite(run.losses).all()


@pytest.mark.parametrize("rate", [0.0, -1.0, float("nan")])
def test_a_rate_that_is_not_above_0_is_refused(rate):
    with pytest.raises(ValueError, match="above 0"):
        descend(X, Y, rate)


def test_the_outcome_is_said():
    limit = largest_stable_rate(X)
    words = [outcome(descend(X, Y, f * limit), f * limit, limit) for f in (0.3, 1.01, 3.0)]
    assert [word.split()[0] for word in words] == ["loss", "diverging:", "diverged:"]


@pytest.mark.parametrize("rate", [0.05, 5.0])
def test_the_picture_shows_the_path(rate):
    run = descend(X, Y, rate)
    figure = plot_descent(X, Y, run)
    drawn = figure.axes[1].lines[0].get_xydata()
    assert torch.allclose(torch.tensor(drawn), run.path)
    assert len(figure.axes[2].lines[0].get_ydata()) == len(run.losses)
