"""The networks of the next GAN-CLS: what packs and eyes do, against formulas and second implementations."""

import itertools

import pytest
import torch
import torch.nn.functional as F

from gan_helpers.models.gan_cls import LATENT, PACK, Pack, TextDiscriminator, sample_z
from gan_helpers.models.image_encoder import Eyes, ImageEncoder
from gan_helpers.models.projected_gan import (
    ProjectedDiscriminator,
    StyledBlock,
    StyledGenerator,
    doubled,
    layers_of,
)
from gan_helpers.models.text_encoder import FEATURES


def test_doubling_and_convolving_in_one_step_gives_the_same_numbers():
    x, weight = torch.randn(2, 5, 6, 7), torch.randn(4, 5, 3, 3)
    two_steps = F.conv2d(F.interpolate(x, scale_factor=2.0, mode="nearest"), weight, padding=1)
    assert torch.allclose(doubled(x, weight), two_steps, atol=1e-4)


def test_scale_and_shift_depend_on_the_style_of_each_picture():
    block = StyledBlock(3, 4, double=False)
    x, style = torch.randn(2, 3, 8, 8), torch.randn(2, 128)
    torch.nn.init.normal_(block.style.weight)
    scale, shift = block.style(style)[:, :, None, None].chunk(2, 1)
    maps = block.convolution(x)
    normalised = (maps - maps.mean((0, 2, 3), keepdim=True)) / (
        maps.var((0, 2, 3), unbiased=False, keepdim=True) + 1e-5
    ).sqrt()
    assert torch.allclose(block(x, style), F.leaky_relu(normalised * (1 + scale) + shift, 0.2), atol=1e-4)


@pytest.mark.parametrize("size", [16, 32, 64])
def test_pictures_have_the_size_asked_for_and_follow_z_and_text(size):
    generator = StyledGenerator(size, 8).eval()
    z, text = torch.randn(2, LATENT, 1, 1), torch.randn(2, FEATURES)
    images = generator(z, text)
    assert images.shape == (2, 3, size, size) and images.abs().max() <= 1
    assert not torch.equal(images, generator(z.flip(0), text)) and not torch.equal(images, generator(z, text.flip(0)))
    layers = layers_of(size, 8)
    assert 4 * 2 ** sum(double for *_, double in layers) == size and layers[-1][1] == 8
    assert all(before[1] == after[0] for before, after in itertools.pairwise(layers))


def test_a_size_that_cannot_be_built_is_refused():
    with pytest.raises(ValueError, match="16, 32 or 64 pixels, not 48"):
        StyledGenerator(48)


def test_a_pack_says_how_much_its_pictures_differ():
    pack = Pack(3)
    maps = torch.randn(2 * PACK, 3, 4, 4)
    joined = pack(maps)
    assert torch.equal(joined[:, :3], maps)
    assert torch.allclose(joined[:2, 3:], (maps[0] - maps[1]).abs().expand(2, -1, -1, -1))
    assert torch.allclose(joined[2:, 3:], (maps[2] - maps[3]).abs().expand(2, -1, -1, -1))
    assert pack(maps[:1].expand(2, -1, -1, -1))[:, 3:].abs().max() == 0  # the same picture twice


def test_a_picture_alone_stands_beside_the_usual_difference():
    pack = Pack(1)
    for _ in range(1500):
        pack(torch.stack([torch.zeros(1, 4, 4), torch.full((1, 4, 4), 3.0)]))
    pack.eval()
    assert torch.allclose(pack(torch.zeros(1, 1, 4, 4))[:, 1:], torch.tensor(3.0), atol=1e-4)
    many = torch.randn(5, 1, 4, 4)
    assert torch.equal(pack(many)[2:3], pack(many[2:3]))  # nothing depends on what else is asked about


def test_eyes_see_what_the_encoder_computes_and_never_learn():
    encoder = ImageEncoder()
    encoder(torch.randn(8, 3, 32, 32))  # so that the normalisations have counted something
    encoder.eval()
    images = torch.randn(2, 3, 32, 32, requires_grad=True)
    seen = Eyes(encoder)(images)
    maps = images
    for number, block in enumerate(encoder.blocks):
        maps = block(maps)
        assert number == 0 or torch.allclose(seen[number - 1], maps, atol=1e-4)
    assert [maps.shape[-1] for maps in seen] == [16, 8, 4, 2]
    sum(maps.sum() for maps in seen).backward()
    assert images.grad.abs().sum() > 0
    assert not any(parameter.requires_grad for parameter in Eyes(encoder).parameters())


@pytest.mark.parametrize("size", [32, 64])
def test_a_second_text_is_judged_as_if_asked_alone(size):
    discriminator = ProjectedDiscriminator(ImageEncoder(), size).eval()
    images, one, other = torch.randn(2, 3, size, size), torch.randn(2, FEATURES), torch.randn(2, FEATURES)
    both = discriminator(images, torch.cat([one, other]))
    assert both.shape == (4, len(discriminator.heads))
    apart = torch.cat([discriminator(images, one), discriminator(images, other)])
    assert torch.allclose(both, apart, atol=1e-5)


def test_the_discriminator_of_the_paper_can_see_packs_too():
    discriminator = TextDiscriminator(32, 8, norm="spectral", product=True, pack=True)
    images, text = torch.randn(4, 3, 32, 32), torch.randn(4, FEATURES)
    images[1], text[1] = images[0], text[0]  # the first pack is the same picture twice
    twice = discriminator(images, torch.cat([text, text]))
    assert twice.shape == (8,) and torch.allclose(twice[:4], twice[4:], atol=1e-5)
    assert torch.allclose(twice[0], twice[1], atol=1e-5)
    images[1] += 1  # what its neighbour looks like changes the verdict about the first picture
    assert not torch.allclose(discriminator(images, text)[0], twice[0], atol=1e-5)


def test_a_discriminator_that_sees_packs_finds_the_generator_that_makes_one_picture():
    """Each fake by itself is as good as a real one; only that both of a pack are the same gives them away."""
    torch.manual_seed(0)
    discriminator = ProjectedDiscriminator(ImageEncoder(), 32)
    learned = [parameter for parameter in discriminator.parameters() if parameter.requires_grad]
    optimizer = torch.optim.Adam(learned, 2e-3, betas=(0.0, 0.99))
    text = torch.zeros(16, FEATURES)

    def picture(n):  # one grey each
        return (torch.rand(n, 1, 1, 1) * 2 - 1).expand(-1, 3, 32, 32)

    for _ in range(40):
        real, fake = discriminator(picture(16), text), discriminator(picture(8).repeat_interleave(2, 0), text)
        loss = F.relu(1 - real).mean() + F.relu(1 + fake).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        real, fake = discriminator(picture(16), text), discriminator(picture(8).repeat_interleave(2, 0), text)
    assert real.mean() > fake.mean() + 0.5
    assert loss < 1.7  # 2 is a D that cannot tell


def test_z_comes_as_the_steps_of_the_lesson_draw_it():
    z = sample_z(2, like=torch.zeros(1))
    assert StyledGenerator(16, 4)(z, torch.zeros(2, FEATURES)).shape == (2, 3, 16, 16)
