"""Pictures as numbers: there and back, and fewer or more pixels as Pillow makes them."""

import numpy as np
import pytest
import torch
from PIL import Image

from gan_helpers.datasets.photos import load_photos
from gan_helpers.pixels import as_bytes, as_floats, enlarge, resized, shrink


@pytest.fixture(scope="module")
def coffee() -> torch.Tensor:
    return load_photos()["coffee"].image[:, :400, :600]


def pillow(image: torch.Tensor, width: int, height: int) -> torch.Tensor:
    """Pillow's bicubic of each channel in floats: with bytes it also rounds and clips between its two passes."""
    planes = [Image.fromarray(plane.numpy().astype(np.float32)) for plane in image]
    made = [np.array(plane.resize((width, height), Image.Resampling.BICUBIC)) for plane in planes]
    return torch.from_numpy(np.stack(made)).round().clamp(0, 255).to(torch.uint8)


def test_every_byte_survives_the_way_to_float_and_back():
    every = torch.arange(256, dtype=torch.uint8).view(1, 1, 16, 16)
    floats = as_floats(every)
    assert floats.min() == -1 and floats.max() == 1
    assert torch.equal(as_bytes(floats), every)
    assert as_bytes(torch.tensor([-3.0, 7.0])).tolist() == [0, 255]


@pytest.mark.parametrize("factor", [2, 4])
def test_shrinking_is_pillows_bicubic_to_a_level(coffee, factor):
    ours = as_bytes(shrink(as_floats(coffee[None]), factor))[0]
    theirs = pillow(coffee, 600 // factor, 400 // factor)
    assert (ours.int() - theirs.int()).abs().max() <= 1
    assert (ours != theirs).float().mean() < 0.001  # where a half is rounded


def test_enlarging_is_pillows_bicubic_to_a_level(coffee):
    small = pillow(coffee, 150, 100)
    ours = as_bytes(enlarge(as_floats(small[None])))[0]
    assert (ours.int() - pillow(small, 600, 400).int()).abs().max() <= 1


def test_a_fine_pattern_turns_grey_and_not_into_a_coarse_one():
    stripes = torch.ones(1, 3, 64, 64)
    stripes[..., ::2] = -1
    assert shrink(stripes)[..., 2:-2].abs().max() < 0.05
    aliased = torch.nn.functional.interpolate(stripes, (16, 16), mode="nearest")
    assert aliased.abs().min() == 1  # what shrinking without smoothing makes of it


def test_an_overshoot_is_cut_off():
    step = torch.full((1, 3, 8, 8), -1.0)
    step[..., 4:] = 1
    assert resized(step, 32, 32).max() > 1 and enlarge(step).max() == 1


def test_a_side_that_the_factor_does_not_divide_is_refused():
    with pytest.raises(ValueError, match="multiples of 4, not 10 x 8"):
        shrink(torch.zeros(1, 3, 10, 8))
