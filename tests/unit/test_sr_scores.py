"""PSNR, SSIM and the feature distance against their definitions."""

import math

import numpy as np
import pytest
import torch
from PIL import Image

from gan_helpers.datasets.photos import load_photos
from gan_helpers.pixels import as_floats, enlarge, shrink
from gan_helpers.sr_scores import (
    BORDER,
    brightness,
    feature_distance,
    psnr,
    score_enlargement,
    ssim,
    texture_distance,
    texture_features,
)


@pytest.fixture(scope="module")
def cat() -> torch.Tensor:
    return as_floats(load_photos()["chelsea"].image[None, :, 100:196, 100:228])


def test_brightness_is_that_of_bt_601(cat):
    colours = torch.tensor([[-1.0, -1, -1], [1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]])[:, :, None, None]
    assert brightness(colours).flatten().tolist() == pytest.approx([16, 235, 81.481, 144.553, 40.966], abs=1e-3)
    pixels = ((cat[0] + 1) * 127.5).round().byte().permute(1, 2, 0).numpy()
    full_range = np.asarray(Image.fromarray(pixels).convert("YCbCr"))[..., 0].astype(
        float
    )  # Pillow's Y runs from 0 to 255
    assert np.abs(brightness(cat)[0, 0].numpy() - (16 + full_range * 219 / 255)).max() < 1


def test_psnr_is_its_formula_without_the_border(cat):
    other = (cat + 0.1).clamp(-1, 1)
    inside = (brightness(other) - brightness(cat))[..., BORDER:-BORDER, BORDER:-BORDER]
    assert psnr(other, cat) == pytest.approx(10 * math.log10(255**2 / inside.square().mean().item()), abs=1e-4)
    edge = cat.clone()
    edge[..., :BORDER, :] = 1
    edge[..., -BORDER:] = -1
    assert psnr(edge, cat) == math.inf


def test_half_the_squared_error_is_three_decibels():
    grey = torch.zeros(1, 3, 40, 40)
    assert psnr(grey + 0.1, grey) - psnr(grey + 0.1 * math.sqrt(2), grey) == pytest.approx(10 * math.log10(2), abs=1e-3)


def test_every_score_is_best_for_the_picture_itself_and_worse_the_smaller_it_was(cat):
    assert ssim(cat, cat) == pytest.approx(1) and feature_distance(cat, cat) == pytest.approx(0, abs=1e-6)
    assert texture_distance(cat, cat) == pytest.approx(0, abs=1e-6)
    half, quarter = (score_enlargement(enlarge(shrink(cat, f), f), cat) for f in (2, 4))
    assert half.psnr > quarter.psnr and half.ssim > quarter.ssim and half.distance < quarter.distance
    assert half.texture < quarter.texture
    assert "dB" in str(half)


def test_the_feature_distance_hears_texture_where_psnr_does_not():
    """Noise of the same strength everywhere: PSNR calls it better than a shift of brightness; the network does not."""
    photo = as_floats(load_photos()["flower"].image[None, :, :128, :128])
    noise = torch.randn(photo.shape, generator=torch.Generator().manual_seed(0)) * 0.1
    brighter, noisy = (photo + 0.25).clamp(-1, 1), (photo + noise).clamp(-1, 1)
    assert psnr(noisy, photo) > psnr(brighter, photo)
    assert feature_distance(noisy, photo) > feature_distance(brighter, photo)


def test_texture_is_in_its_amount_not_in_its_place(cat):
    """A picture turned over has the same texture elsewhere: far away for features, near for texture."""
    turned, blurred = cat.flip(3), enlarge(shrink(cat))
    assert feature_distance(turned, cat) > feature_distance(blurred, cat)
    assert texture_distance(turned, cat) < 0.3 * texture_distance(blurred, cat)


def test_texture_features_are_of_each_picture_alone(cat):
    others = torch.cat([cat, torch.zeros_like(cat)])
    made = texture_features(others)
    assert made.shape == (2, 88)
    assert torch.allclose(made[:1], texture_features(cat), atol=0.05) and not torch.allclose(made[0], made[1])


def test_pictures_of_two_sizes_are_refused(cat):
    with pytest.raises(ValueError, match="of the same shape"):
        psnr(cat, cat[..., :-1])
    with pytest.raises(ValueError, match="19 pixels or more"):
        ssim(cat[..., :18], cat[..., :18])
