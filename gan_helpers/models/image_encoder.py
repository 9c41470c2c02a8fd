"""From a picture of food to an embedding: to teach the next text encoder, and to be D's eyes. No recipe trains it yet.

Reed et al. 2016, "Learning Deep Representations of Fine-Grained Visual Descriptions" (CVPR, section 3), learn texts
against the features of a classifier. Sauer et al. 2021, "Projected GANs Converge Faster" (NeurIPS, section 3), let D
look at pictures through the features of a trained network that no longer changes.
"""

import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from gan_helpers.datasets.food.attributes import TOPPINGS
from gan_helpers.models.food_reader import CLASSES
from gan_helpers.models.text_encoder import FEATURES

WIDTHS = (32, 64, 96, 128, 192)  # maps of each convolution, the first at full size, each other at half the last one's
SEEN = 2 * WIDTHS[-1]  # numbers that a picture becomes before its embedding


class ImageEncoder(nn.Module):
    """(N, 3, H, W) in [-1, 1], H and W multiples of 16 -> embeddings (N, FEATURES)."""

    def __init__(self):
        super().__init__()
        inputs = (3, *WIDTHS)
        self.blocks = nn.ModuleList(
            _block(i, o, stride=2 if i > 3 else 1) for i, o in zip(inputs, WIDTHS, strict=False)
        )
        self.attributes = nn.ModuleDict({name: nn.Linear(SEEN, n) for name, n in CLASSES.items()})
        self.attributes["toppings"] = nn.Linear(SEEN, len(TOPPINGS))
        self.project = nn.Sequential(
            nn.Linear(SEEN, 2 * FEATURES), nn.LeakyReLU(0.2), nn.Linear(2 * FEATURES, FEATURES)
        )

    def see(self, images: torch.Tensor) -> torch.Tensor:
        """(N, 3, H, W) -> (N, SEEN): the mean of each of the last maps, then its maximum."""
        for block in self.blocks:
            images = block(images)
        # The mean says how much of something there is, the maximum whether it is there at all.
        return torch.cat([images.mean((2, 3)), images.amax((2, 3))], 1)

    def classify(self, seen: torch.Tensor) -> dict[str, torch.Tensor]:
        """The logits of each attribute (see `FoodReader`) of what was `seen`, (N, SEEN)."""
        return {name: layer(seen) for name, layer in self.attributes.items()}

    def forward(self, images: torch.Tensor, *, attributes: bool = False) -> torch.Tensor | dict[str, torch.Tensor]:
        """The embeddings of pictures, or the logits of their `attributes`."""
        seen = self.see(images)
        return self.classify(seen) if attributes else self.project(seen)


def _block(inputs: int, outputs: int, stride: int) -> nn.Sequential:
    convolution = nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(outputs), nn.LeakyReLU(0.2))


class Eyes(nn.Module):
    """The convolutions of an `ImageEncoder` that has learned, frozen: (N, 3, H, W) -> the maps of all but the first.

    Each normalisation is folded into the convolution before it: the same numbers, and nothing left that counts batches.
    """

    def __init__(self, encoder: ImageEncoder):
        super().__init__()
        looks = [nn.Sequential(fuse_conv_bn_eval(*block[:2]), block[2]) for block in encoder.eval().blocks]
        self.looks = nn.ModuleList(looks).requires_grad_(False)

    def forward(self, images: torch.Tensor) -> list[torch.Tensor]:
        """Maps at a half, a quarter, an eighth and a sixteenth of the size; slopes run back to the `images`."""
        maps = []
        for look in self.looks:
            images = look(images)
            maps.append(images)
        return maps[1:]
