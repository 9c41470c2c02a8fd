"""A convolutional classifier that reads the attributes of drawn food: the judge of lessons 04 to 07."""

import torch
import torch.nn.functional as F
from torch import nn

from gan_helpers.datasets.food.attributes import COUNTS, FOODS, SHAPES, STYLES, SURFACES, TOPPINGS

# Attribute -> number of classes; 0 of shape, count and style means "does not apply", as in the codes of the data.
CLASSES = {
    "food": len(FOODS) + 1,
    "surface": len(SURFACES) + 1,
    "shape": len(SHAPES) + 1,
    "count": len(COUNTS) + 1,
    "style": len(STYLES) + 1,
}
FEATURES = 64  # numbers that a picture becomes before it is classified


class FoodReader(nn.Module):
    """(N, 3, H, W) in [-1, 1], H and W 32 or more -> logits of each attribute, (N, classes), and of "toppings", (N, 9).

    `features(images)` are the FEATURES numbers before the last layer, for Frechet distances and the like.
    """

    def __init__(self, width: int = 32):
        super().__init__()
        layers, channels = [nn.Conv2d(3, width, 3, padding=1)], width
        for factor in (1, 2, 4, 4):
            layers += [_Block(channels, width * factor), nn.MaxPool2d(2)]
            channels = width * factor
        self.body = nn.Sequential(*layers, _Block(channels, channels))
        self.project = nn.Sequential(nn.Flatten(), nn.Linear(2 * channels, FEATURES), nn.BatchNorm1d(FEATURES))
        self.heads = nn.ModuleDict({name: nn.Linear(FEATURES, n) for name, n in CLASSES.items()})
        self.heads["toppings"] = nn.Linear(FEATURES, len(TOPPINGS))

    def features(self, images: torch.Tensor) -> torch.Tensor:
        """(N, 3, H, W) in [-1, 1] -> (N, FEATURES), 0 or more."""
        maps = self.body(images)
        # The mean says how much of something there is, the maximum whether it is there at all.
        return F.relu(self.project(torch.cat([maps.mean((2, 3)), maps.amax((2, 3))], 1)))

    def forward(self, images: torch.Tensor) -> dict[str, torch.Tensor]:
        """The logits of every attribute by name."""
        features = self.features(images)
        return {name: head(features) for name, head in self.heads.items()}


class _Block(nn.Module):
    """Two 3x3 convolutions with a short cut (He et al. 2016)."""

    def __init__(self, inputs: int, outputs: int):
        super().__init__()
        self.first = nn.Sequential(nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs))
        self.second = nn.Sequential(nn.Conv2d(outputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs))
        self.short = nn.Identity() if inputs == outputs else nn.Conv2d(inputs, outputs, 1, bias=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(N, inputs, H, W) -> (N, outputs, H, W)."""
        return F.relu(self.second(F.relu(self.first(x))) + self.short(x))


def reading_loss(logits: dict[str, torch.Tensor], codes: torch.Tensor) -> torch.Tensor:
    """How wrong a reader is, 0-d: cross-entropies of all attributes and toppings; `codes` (N, 14) as `encode` gives."""
    names = list(CLASSES)
    losses = [F.cross_entropy(logits[name], codes[:, k].long()) for k, name in enumerate(names)]
    there = codes[:, len(names) :].float()
    return sum(losses) + len(TOPPINGS) * F.binary_cross_entropy_with_logits(logits["toppings"], there)


def unsure_loss(logits: dict[str, torch.Tensor]) -> torch.Tensor:
    """How far a reader is from answering "any" to pictures of nothing, 0-d (Hendrycks et al. 2019, section 3)."""
    losses = [-logits[name].log_softmax(1).mean() for name in CLASSES]
    even = torch.full_like(logits["toppings"], 0.5)
    return sum(losses) + len(TOPPINGS) * F.binary_cross_entropy_with_logits(logits["toppings"], even)


def right_answers(logits: dict[str, torch.Tensor], codes: torch.Tensor) -> dict[str, torch.Tensor]:
    """Attribute -> (N,) bool, whether it was read right; "toppings" means all nine at once."""
    names = list(CLASSES)
    right = {name: logits[name].argmax(1) == codes[:, k] for k, name in enumerate(names)}
    return right | {"toppings": ((logits["toppings"] > 0) == (codes[:, len(names) :] > 0)).all(1)}
