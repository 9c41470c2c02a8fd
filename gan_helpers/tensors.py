"""Lessons 00 and 01: what is done to tensors before anything is learned."""

import numpy as np
import torch


def brighten(image: torch.Tensor, amount: float) -> torch.Tensor:
    """The same picture, lighter (darker for an `amount` below 0): float32 in [-1, 1], and a new tensor in [-1, 1]."""
    return (image + amount).clamp(-1, 1)


def to_images(array: np.ndarray) -> torch.Tensor:
    """What networks take, from what files hold: (N, H, W) uint8 in [0, 255] -> (N, 1, H, W) float32 in [-1, 1].

    A copy: writing into the result leaves `array` as it is.
    """
    return torch.from_numpy(array).float().unsqueeze(1) / 127.5 - 1


def distances(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """How far each row of `a` (N, D) lies from each row of `b` (M, D): Euclidean, (N, M), without a loop."""
    differences = a[:, None] - b[None]  # (N, 1, D) - (1, M, D) -> (N, M, D)
    return (differences**2).sum(-1).sqrt()


def slope_by_hand(w: torch.Tensor, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """The derivative of mean((w x - y)^2) with respect to the number `w`, by the chain rule: 2 mean((w x - y) x)."""
    return 2 * ((w * x - y) * x).mean()


def gradient_at(w: torch.Tensor, loss_of) -> torch.Tensor:
    """The gradient of `loss_of(w)` at `w`, whatever `w.grad` holds from before; of the shape of `w`, and a copy."""
    w.grad = None  # otherwise backward adds to it
    loss_of(w).backward()
    return w.grad.clone()


def add_noise(images: torch.Tensor, amount: float) -> torch.Tensor:
    """`images` in [-1, 1] with normal noise of standard deviation `amount`, made on their own device; in [-1, 1]."""
    noise = torch.randn(images.shape, device=images.device)
    return (images + amount * noise).clamp(-1, 1)


def deal_batches(array: np.ndarray, size: int):
    """One epoch: the pictures (N, H, W) uint8 in a new random order, `size` at a time, as `to_images` gives them.

    Whole batches only: fewer than `size` pictures are left out at the end.
    """
    order = torch.randperm(len(array)).numpy()
    for first in range(0, len(array) - size + 1, size):
        yield to_images(array[order[first : first + size]])
