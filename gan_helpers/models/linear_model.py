"""Lesson 02: a linear model, its loss, gradient descent, and a classifier of two layers."""

import torch
from torch import nn


def linear(x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
    """What `nn.Linear` computes: x W^T + b. `x` (N, inputs), `weight` (outputs, inputs), `bias` (outputs,)."""
    return x @ weight.T + bias  # (N, outputs)


def mean_squared_error(predicted: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
    """How far predictions are from the truth: the mean of the squared differences, 0-d. Both of the same shape.

    Raises ValueError for two shapes: (N, 1) - (N,) would broadcast to (N, N) and give a wrong number without a word.
    """
    if predicted.shape != truth.shape:
        raise ValueError(f"predicted has shape {tuple(predicted.shape)}, but truth {tuple(truth.shape)}.")
    return ((predicted - truth) ** 2).mean()


def descent_step(parameters: list[torch.Tensor], loss: torch.Tensor, learning_rate: float) -> None:
    """Move each of the `parameters`, in place, against its slope: w <- w - learning_rate * dloss/dw."""
    gradients = torch.autograd.grad(loss, parameters)
    with torch.no_grad():
        for parameter, gradient in zip(parameters, gradients, strict=True):
            parameter -= learning_rate * gradient


def train_step(model: nn.Module, optimizer, x: torch.Tensor, truth: torch.Tensor, loss_of) -> torch.Tensor:
    """One step of training: predict, compare, clear old slopes, compute new ones, move. Returns the loss, 0-d.

    `loss_of(predicted, truth)` is 0-d; `optimizer` holds the parameters of `model`.
    """
    loss = loss_of(model(x), truth)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.detach()


def build_classifier(hidden: int = 128) -> nn.Module:
    """A network of two linear layers that says which digit a picture shows: (N, 1, 28, 28) -> logits (N, 10)."""
    return nn.Sequential(nn.Flatten(), nn.Linear(784, hidden), nn.ReLU(), nn.Linear(hidden, 10))


def accuracy(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """The share of `logits` (N, classes) whose largest one stands at the right label (N,): 0-d, in [0, 1]."""
    return (logits.argmax(1) == labels).float().mean()
