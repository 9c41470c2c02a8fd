"""A small convolutional classifier that reads digits: the judge of lesson 03, never part of a GAN."""

from torch import nn


def build_digit_reader() -> nn.Module:
    """The network that says which digit a picture shows: (N, 1, 28, 28) in [-1, 1] -> class logits (N, 10)."""
    return nn.Sequential(
        nn.Conv2d(1, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(),
        nn.Conv2d(32, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3, padding=1), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(64, 64, 3, padding=1), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Dropout(0.4), nn.Linear(64 * 9, 10),
    )  # fmt: skip
