"""A network drawn from its live modules: what stands in it, and the shape of what comes out of each block."""

import math
from typing import NamedTuple

import torch
from matplotlib.patches import FancyBboxPatch
from torch import nn

from gan_helpers.modes import evaluating
from gan_helpers.plots.figures import INK, REAL, TEXT_SIZE, Picture, bare, new_figure

SHORT = {
    "ParametrizedConv2d": "Conv2d, spectral norm",
    "BatchNorm2d": "BatchNorm",
    "BatchNorm1d": "BatchNorm",
    "Upsample": "repeat pixels",
}
SILENT = ("Identity",)


class Block(NamedTuple):
    """One block of a network: its layers in words, and the shape of what came out of it, the batch left out."""

    layers: tuple[str, ...]
    shape: tuple[int, ...]


@torch.no_grad()
def blocks_of(net: nn.Sequential, given: torch.Tensor) -> list[Block]:
    """What each child of `net` is and gives, found by sending `given` through it in eval mode.

    Single layers count to the block before them.
    """
    found: list[Block] = []
    with evaluating(net):
        for child in net:
            given = child(given)
            single = not isinstance(child, nn.Sequential)
            layers = [child] if single else list(child)
            words = tuple(_word(layer) for layer in layers if type(layer).__name__ not in SILENT)
            if single and found and not _changes_shape(child):
                found[-1] = Block(found[-1].layers + words, tuple(given.shape[1:]))
            else:
                found.append(Block(words, tuple(given.shape[1:])))
    return found


def draw_network(net: nn.Sequential, given: torch.Tensor, *, title: str = "") -> Picture:
    """A figure of `net`: a slab for each block, as high as its feature maps and as deep as there are channels.

    `given` is one input or more, on the network's device; below each slab stand its shape and its layers.
    """
    stages = [Block(("input",), tuple(given.shape[1:])), *blocks_of(net, given)]
    figure, (ax,) = new_figure(1.4 * len(stages) + 0.3, 3.6, f"a network of {len(stages) - 1} blocks: {title}")
    highest = max(_side(stage.shape) for stage in stages)
    deepest = max(stage.shape[0] for stage in stages if stage.shape) if any(s.shape for s in stages) else 1
    before = 0.0
    for number, (layers, shape) in enumerate(stages):
        height = 0.12 + 0.88 * math.sqrt(_side(shape) / highest)
        width = 0.08 + 0.5 * math.sqrt((shape[0] if shape else 1) / deepest)
        ax.add_patch(FancyBboxPatch((number - width / 2, 0.5 - height / 2), width, height, boxstyle="round,pad=0.01",
                                    facecolor=REAL, alpha=0.3, edgecolor=INK))  # fmt: skip
        ax.text(number, -0.12, " x ".join(map(str, shape)) or "1 logit", ha="center", va="top", size=TEXT_SIZE,
                weight="bold")  # fmt: skip
        ax.text(number, -0.24, "\n".join(layers), ha="center", va="top", size=TEXT_SIZE - 1, linespacing=1.3)
        if number:
            ax.annotate("", (number - width / 2 - 0.03, 0.5), (before + 0.03, 0.5),
                        arrowprops={"arrowstyle": "->", "color": INK})  # fmt: skip
        before = number + width / 2
    most = max(len(stage.layers) for stage in stages)
    ax.set(xlim=(-0.6, len(stages) - 0.4), ylim=(-0.26 - 0.12 * most, 1.05))
    ax.set_title(title, size=TEXT_SIZE + 1)
    bare(ax)
    return figure


def _side(shape: tuple[int, ...]) -> int:
    return shape[-1] if len(shape) == 3 else 1


def _changes_shape(layer: nn.Module) -> bool:
    return any(isinstance(layer, kind) for kind in (nn.Conv2d, nn.ConvTranspose2d, nn.Linear))


def _word(layer: nn.Module) -> str:
    name = type(layer).__name__
    word = SHORT.get(name, name)
    if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
        kernel, stride = layer.kernel_size[0], layer.stride[0]
        word = word.replace("Conv2d", "Conv").replace("ConvTranspose2d", "Transposed conv")
        word = "Transposed conv" if isinstance(layer, nn.ConvTranspose2d) else word
        word += f"\n{kernel} x {kernel}, stride {stride}"
    return word
