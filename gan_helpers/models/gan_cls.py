"""Lesson 05: a GAN that draws what a text says, GAN-CLS, after Reed et al. 2016.

"Generative Adversarial Text to Image Synthesis" (ICML 2016): the networks are those of section 4.1 and figure 2, the
losses those of section 4.2 and algorithm 1, the mixed texts those of section 4.3 (GAN-INT). The blocks are lesson 04's.
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.parametrizations import spectral_norm

from gan_helpers.models import dcgan
from gan_helpers.models.dcgan import GAN, LATENT, SIDE, generator_block, initialise
from gan_helpers.models.text_encoder import FEATURES

PROJECTED = 128  # numbers that an embedding is reduced to, in each of the two networks
PACK = 2  # pictures of one caption that D sees side by side, where it sees several

__all__ = ["CLS", "CONDITIONAL", "GAN", "HINGE_CLS", "LATENT", "PACK", "PROJECTED", "Captioned", "Pack",
           "TextDiscriminator", "TextGenerator", "adversarial_step", "cls_loss", "conditional_loss",
           "hinge_cls_loss", "match_matrix", "mixed_texts", "projection", "sameness", "sample_z",
           "text_discriminator_step", "text_generator_step", "tile_and_join"]  # fmt: skip


class Captioned(NamedTuple):
    """A batch: `real` (N, 3, size, size) in [-1, 1], with a `text` that fits, (N, FEATURES), and some that do not.

    `wrong_text` is (M N, FEATURES): rows n, n + N and so on are wrong for picture n. In Reed et al. 2016 M is 1.
    """

    real: torch.Tensor
    text: torch.Tensor
    wrong_text: torch.Tensor


def sample_z(n: int, like: torch.Tensor) -> torch.Tensor:
    """`n` random inputs beside the text: (n, LATENT, 1, 1), normal (Reed et al. 2016, section 4.1)."""
    return torch.randn(n, LATENT, 1, 1, device=like.device)


class TextGenerator(nn.Module):
    """z (N, LATENT, 1, 1) and text embeddings (N, FEATURES) -> pictures (N, 3, size, size) in [-1, 1].

    The embedding, reduced to PROJECTED numbers, is joined with z; what follows is the generator of lesson 04, which
    takes the same `size`, `width`, `block` and `switches`.
    """

    def __init__(self, size: int = 64, width: int = 32, *, block: Callable = generator_block, switches: int = 0):
        super().__init__()
        self.project = projection()
        self.draw = dcgan.build_generator(size, width, inputs=LATENT + PROJECTED, block=block, switches=switches)

    def forward(self, z: torch.Tensor, text: torch.Tensor) -> torch.Tensor:
        """A picture of each text."""
        return self.draw(torch.cat([z, self.project(text)[:, :, None, None]], 1))  # (N, LATENT + PROJECTED, 1, 1)


class TextDiscriminator(nn.Module):
    """Pictures (N, 3, size, size) and text embeddings (N, FEATURES) -> logits (N,), above 0 for "real, and this".

    The blocks of lesson 04 bring the picture down to 4 x 4; there the reduced embedding stands beside each place, and
    two convolutions, 1 x 1 and 4 x 4, judge both together. `norm` is "batch", "spectral" or "none"; `wider` multiplies
    `width`. With `product` the inner product of the text and the last maps' means, of which a linear layer makes as
    many numbers, is added to the logit (Miyato & Koyama 2018, section 3; their projection discriminator has this
    product in place of joining, here are both). With `pack` it also sees how much the pictures of a caption differ.
    """

    def __init__(
        self, size: int = 64, width: int = 32, *, norm: str = "batch", wider: float = 1.0, product: bool = False,
        pack: bool = False,
    ):  # fmt: skip
        super().__init__()
        width = round(wider * width)
        self.look = dcgan.build_discriminator(size, width, norm=norm)[:-2]  # without the last two, which make a logit
        self.project = projection()
        channels = width * 2 ** (dcgan.doublings(size) - 1)
        self.pack = Pack(channels) if pack else nn.Identity()
        join = nn.Conv2d(channels * (1 + pack) + PROJECTED, channels, 1, bias=norm != "batch")
        last = nn.Conv2d(channels, 1, SIDE)
        if norm == "spectral":
            join, last = spectral_norm(join), spectral_norm(last)
        between = nn.BatchNorm2d(channels) if norm == "batch" else nn.Identity()
        self.judge = initialise(nn.Sequential(join, between, nn.LeakyReLU(0.2), last, nn.Flatten(0)))
        self.product = spectral_norm(nn.Linear(PROJECTED, channels)) if product else None

    def forward(self, images: torch.Tensor, text: torch.Tensor) -> torch.Tensor:
        """How real each picture looks as a picture of its text; of M N texts, row n and n + N and so on, (M N,)."""
        maps = self.look(images)  # (N, C, 4, 4)
        said, times = self.project(text), len(text) // len(maps)  # a second text needs no second look
        logits = self.judge(tile_and_join(self.pack(maps).repeat(times, 1, 1, 1), said))
        if self.product is not None:
            logits = logits + (self.product(said) * maps.mean((2, 3)).repeat(times, 1)).sum(1)
        return logits


class Pack(nn.Module):
    """Maps (N, C, H, W), and joined to them how much those of one caption differ: (N, 2 C, H, W).

    So D notices a G that always answers the same (Lin et al. 2018, "PacGAN", section 2; Karras et al. 2018, section 3,
    compare over the whole batch). While D learns, the pictures of a caption stand one after another, PACK at a time.
    Afterwards each picture is looked at alone, beside the difference that was usual.
    """

    def __init__(self, channels: int):
        super().__init__()
        self.register_buffer("usual", torch.zeros(1, channels, 1, 1))

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        """`maps`, and the mean distance to the next one of the pack."""
        if not self.training:
            return torch.cat([maps, self.usual.to(maps.dtype).expand_as(maps)], 1)
        packs = maps.unflatten(0, (-1, PACK))  # (N / PACK, PACK, C, H, W)
        differing = (packs - packs.roll(1, 1)).abs().mean(1, keepdim=True)
        with torch.no_grad():
            self.usual.lerp_(differing.float().mean((0, 1, 3, 4))[None, :, None, None], 0.01)
        return torch.cat([maps, differing.expand_as(packs).flatten(0, 1)], 1)


def tile_and_join(maps: torch.Tensor, text: torch.Tensor) -> torch.Tensor:
    """Feature maps (N, C, H, W) with the numbers of their texts (N, P) beside each place: (N, C + P, H, W)."""
    beside = text[:, :, None, None].expand(-1, -1, *maps.shape[2:])  # the same numbers at each place
    return torch.cat([maps, beside.to(maps.dtype)], 1)


@torch.no_grad()
def match_matrix(discriminator: nn.Module, images: torch.Tensor, text: torch.Tensor) -> torch.Tensor:
    """How real D finds each of the images (row) as a picture of each of the texts (column): logits (N, M).

    `images` are (N, 3, size, size) in [-1, 1], `text` (M, FEATURES).
    """
    logits = discriminator(images, text.repeat_interleave(len(images), 0))  # all images with the first text, and so on
    return logits.view(len(text), len(images)).T


def projection() -> nn.Module:
    """What reduces an embedding, (N, FEATURES), to PROJECTED numbers, in each of the networks."""
    return nn.Sequential(nn.Linear(FEATURES, PROJECTED), nn.LeakyReLU(0.2))


def cls_loss(right: torch.Tensor, wrong: torch.Tensor, fake: torch.Tensor) -> torch.Tensor:
    """How wrong D is about {real, right text}, {real, wrong text} and {fake, right text}: weights 1, 1/2, 1/2; 0-d.

    Logits (N,), of wrong texts (M N,); 2 log 2 = 1.386 for a D that always says "fifty-fifty". Without `wrong` D would
    learn what fits from fakes alone, which at first are told by their looks (Reed et al. 2016, section 4.2).
    """
    return F.softplus(-right).mean() + (F.softplus(wrong).mean() + F.softplus(fake).mean()) / 2


def hinge_cls_loss(right: torch.Tensor, wrong: torch.Tensor, fake: torch.Tensor) -> torch.Tensor:
    """The same three with margins of 1, as in the hinge loss of lesson 04; 0-d, 2 where all logits are 0."""
    return F.relu(1 - right).mean() + (F.relu(1 + wrong).mean() + F.relu(1 + fake).mean()) / 2


def conditional_loss(right: torch.Tensor, wrong: torch.Tensor, fake: torch.Tensor) -> torch.Tensor:
    """The same without the wrong texts, a plain conditional GAN: {real, right text} and {fake, right text}; 0-d."""
    return F.softplus(-right).mean() + F.softplus(fake).mean()


CONDITIONAL = GAN(dcgan.CROSS_ENTROPY.generator, conditional_loss)
CLS = GAN(dcgan.CROSS_ENTROPY.generator, cls_loss)
HINGE_CLS = GAN(dcgan.HINGE.generator, hinge_cls_loss)


def mixed_texts(text: torch.Tensor, beta: float = 0.5) -> torch.Tensor:
    """GAN-INT: each embedding (N, FEATURES) mixed with the next one's, `beta` of the first (Reed et al. 2016, 4.3).

    Nobody wrote these texts and no picture of them exists, so G alone learns from them. Raises ValueError for a single
    text, which has no other to be mixed with.
    """
    if len(text) < 2:
        raise ValueError("mixed_texts needs two texts or more, since it mixes each with another; one came.")
    return beta * text + (1 - beta) * text.roll(-1, 0)


def sameness(fake: torch.Tensor, other: torch.Tensor, z: torch.Tensor, other_z: torch.Tensor) -> torch.Tensor:
    """How little pictures of the same texts differ, for how far apart their z lie: 0-d, above 0.

    |z1 - z2| / |G(z1) - G(z2)|, mean absolute differences over the batch: large where z is ignored
    (Mao et al. 2019, section 3.2, whose ratio this is, turned round).
    """
    return (z - other_z).abs().mean() / ((fake - other).abs().mean() + 1e-5)


def text_discriminator_step(
    batch: Captioned, fake: torch.Tensor, nets: GAN, opts: GAN, losses: GAN = CLS, *, backward=torch.Tensor.backward
) -> torch.Tensor:
    """D learns from {real, right text}, {real, wrong text} and {fake, right text} (algorithm 1): its loss, 0-d.

    `fake` is what G made of the batch's texts; no slope runs back into it. `losses` holds G's and D's.
    """
    real, text, wrong_text = batch
    right, wrong = nets.discriminator(real, torch.cat([text, wrong_text])).tensor_split([len(text)])
    loss_d = losses.discriminator(right, wrong, nets.discriminator(fake.detach(), text))
    opts.discriminator.zero_grad()
    backward(loss_d)
    opts.discriminator.step()
    return loss_d.detach()


def text_generator_step(
    batch: Captioned, fake: torch.Tensor, z: torch.Tensor, nets: GAN, opts: GAN, losses: GAN = CLS, *,
    mixing: bool = False, seeking: float = 0.0, backward=torch.Tensor.backward,
) -> torch.Tensor:  # fmt: skip
    """G learns to make `fake`, its pictures of `z` and the batch's texts, pass with them: its loss, 0-d.

    Algorithm 1. With `mixing` also from mixed texts (GAN-INT); with `seeking` above 0 it is punished by so much
    `sameness`.
    """
    text = batch.text
    loss_g = losses.generator(nets.discriminator(fake, text))
    if mixing:
        mixed = mixed_texts(text)
        loss_g = loss_g + losses.generator(nets.discriminator(nets.generator(z, mixed), mixed))
    if seeking:
        other_z = sample_z(len(z), like=z)
        loss_g = loss_g + seeking * sameness(fake, nets.generator(other_z, text), z, other_z)
    opts.generator.zero_grad()
    backward(loss_g)
    opts.generator.step()
    return loss_g.detach()


def adversarial_step(
    batch: Captioned, nets: GAN, opts: GAN, losses: GAN = CLS, *, backward=torch.Tensor.backward, **more
) -> tuple[torch.Tensor, torch.Tensor]:
    """One turn of D, then one of G, about the same fakes. Returns loss_d and loss_g, 0-d tensors.

    `more` goes to G's turn: `mixing` and `seeking`, see `text_generator_step`.
    """
    z = sample_z(len(batch.real), like=batch.real)
    fake = nets.generator(z, batch.text)
    loss_d = text_discriminator_step(batch, fake, nets, opts, losses, backward=backward)
    return loss_d, text_generator_step(batch, fake, z, nets, opts, losses, backward=backward, **more)
