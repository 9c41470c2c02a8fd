"""Lesson 01's functions and lesson 02's against second implementations (their exercises are tested beside this)."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from gan_helpers import tensors
from gan_helpers.models import linear_model


def test_distances_are_those_of_cdist():
    a, b = torch.randn(9, 4), torch.randn(6, 4)
    assert torch.allclose(tensors.distances(a, b), torch.cdist(a, b), atol=1e-5)


def test_the_slope_by_hand_is_autograds():
    x, y, w = torch.randn(20), torch.randn(20), torch.tensor(0.7, requires_grad=True)
    assert tensors.slope_by_hand(w.detach(), x, y) == pytest.approx(
        tensors.gradient_at(w, lambda w: F.mse_loss(w * x, y)).item(), rel=1e-5
    )


def test_one_epoch_deals_each_picture_once_and_the_next_in_another_order():
    array = np.arange(12, dtype=np.uint8)[:, None, None].repeat(2, 1).repeat(2, 2)
    epochs = [torch.cat(list(tensors.deal_batches(array, 4)))[:, 0, 0, 0] for _ in range(2)]
    assert torch.equal(epochs[0].sort().values, epochs[1].sort().values)
    assert not torch.equal(*epochs)
    assert torch.allclose(epochs[0].sort().values, torch.arange(12) / 127.5 - 1)


def test_the_linear_model_and_its_loss_are_pytorchs():
    x, weight, bias = torch.randn(5, 3), torch.randn(2, 3), torch.randn(2)
    assert torch.allclose(linear_model.linear(x, weight, bias), F.linear(x, weight, bias), atol=1e-6)
    a, b = torch.randn(4, 2), torch.randn(4, 2)
    assert torch.allclose(linear_model.mean_squared_error(a, b), F.mse_loss(a, b))
    with pytest.raises(ValueError, match=r"\(4, 2\), but truth \(4,\)"):
        linear_model.mean_squared_error(a, b[:, 0])


def test_a_descent_step_by_hand_is_that_of_sgd():
    torch.manual_seed(0)
    by_hand, by_sgd = torch.nn.Linear(3, 1), torch.nn.Linear(3, 1)
    by_sgd.load_state_dict(by_hand.state_dict())
    x, y = torch.randn(8, 3), torch.randn(8, 1)
    linear_model.descent_step(list(by_hand.parameters()), F.mse_loss(by_hand(x), y), 0.3)
    linear_model.train_step(by_sgd, torch.optim.SGD(by_sgd.parameters(), lr=0.3), x, y, F.mse_loss)
    for a, b in zip(by_hand.parameters(), by_sgd.parameters(), strict=True):
        assert torch.allclose(a, b, atol=1e-6)
