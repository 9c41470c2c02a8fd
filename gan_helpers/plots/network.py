"""A network drawn from its live modules: what stands in it, and the shape of what comes out of each block."""

import math
from typing import NamedTuple

import torch
from matplotlib.patches import FancyBboxPatch
from torch import nn

from gan_helpers.models.gan_cls import TextDiscriminator, TextGenerator, tile_and_join
from gan_helpers.modes import evaluating
from gan_helpers.plots.figures import INK, REAL, TEXT_SIZE, THIRD, Picture, bare, new_figure

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
    return _drawn(stages, title, f"a network of {len(stages) - 1} blocks: {title}")


@torch.no_grad()
def draw_text_generator(generator: TextGenerator, z: torch.Tensor, text: torch.Tensor, *, title: str = "") -> Picture:
    """The same of the generator of lesson 05, with an arrow from above where the text enters.

    `z` (N, LATENT, 1, 1) and `text` (N, FEATURES) on its device.
    """
    said = generator.project(text)
    joined = torch.cat([z, said[:, :, None, None]], 1)
    stages = [Block(("z",), tuple(z.shape[1:])), Block(("z and text",), tuple(joined.shape[1:])),
              *blocks_of(generator.draw, joined)]  # fmt: skip
    return _drawn(stages, title, f"a generator of {len(stages) - 2} blocks, told a text: {title}",
                  {1: _entrance(text, said)})  # fmt: skip


@torch.no_grad()
def draw_text_discriminator(
    discriminator: TextDiscriminator, images: torch.Tensor, text: torch.Tensor, *, title: str = ""
) -> Picture:
    """The same of the discriminator of lesson 05; `images` (N, 3, size, size) and `text` (N, FEATURES)."""
    said, looked = discriminator.project(text), blocks_of(discriminator.look, images)
    with evaluating(discriminator):
        joined = tile_and_join(discriminator.look(images), said)
    stages = [Block(("input",), tuple(images.shape[1:])), *looked,
              Block(("maps and text",), tuple(joined.shape[1:])), *blocks_of(discriminator.judge, joined)]  # fmt: skip
    entrances = {} if discriminator.product is None else {len(looked): "text:\nits product\nwith the means"}
    return _drawn(stages, title, f"a discriminator of {len(looked)} blocks, told a text: {title}",
                  entrances | {len(looked) + 1: _entrance(text, said)})  # fmt: skip


def _entrance(text: torch.Tensor, said: torch.Tensor) -> str:
    return f"text:\n{text.shape[1]} -> {said.shape[1]}\nnumbers"


def _drawn(stages: list[Block], title: str, alt: str, entrances: dict[int, str] | None = None) -> Picture:
    """The slabs, and an arrow from above to those in `entrances`, with what enters there in words."""
    entrances = entrances or {}
    figure, (ax,) = new_figure(1.4 * len(stages) + 0.3, 4.2 if entrances else 3.6, alt)
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
        ax.text(number, -0.24, "\n".join(layers), ha="center", va="top", size=TEXT_SIZE, linespacing=1.3)
        if number in entrances:
            ax.annotate(entrances[number], (number, 0.52 + height / 2), (number, 1.25), ha="center", va="bottom",
                        size=TEXT_SIZE, color=THIRD, arrowprops={"arrowstyle": "->", "color": THIRD})  # fmt: skip
        if number:
            ax.annotate("", (number - width / 2 - 0.03, 0.5), (before + 0.03, 0.5),
                        arrowprops={"arrowstyle": "->", "color": INK})  # fmt: skip
        before = number + width / 2
    most = max(len(stage.layers) for stage in stages)
    ax.set(xlim=(-0.6, len(stages) - 0.4), ylim=(-0.26 - 0.12 * most, 1.75 if entrances else 1.05))
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
