"""A drawing becomes a digit as MNIST's were made, and the network is asked about that."""

import numpy as np
import pytest
import torch

from gan_helpers.datasets.digits import load_digits
from gan_helpers.digit_scores import digit_reader
from gan_helpers.drawing import SIDE, Sketch, as_mnist, probabilities


def centre(digit: torch.Tensor) -> list[float]:
    ink = (digit[0, 0] + 1) / 2
    at = torch.arange(28.0)
    return [((ink.sum(1) * at).sum() / ink.sum()).item(), ((ink.sum(0) * at).sum() / ink.sum()).item()]


def test_an_empty_field_is_no_digit():
    assert as_mnist(np.zeros((50, 50))) is None


@pytest.mark.parametrize(("top", "left"), [(0, 0), (120, 40), (200, 190)])
def test_wherever_it_is_drawn_it_is_centred_and_fits_20_pixels(top, left):
    ink = np.zeros((SIDE, SIDE), np.float32)
    ink[top : top + 50, left : left + 20] = 1
    digit = as_mnist(ink)
    assert digit.shape == (1, 1, 28, 28) and digit.dtype == torch.float32
    assert digit.min() == -1 and digit.max() == 1
    rows, columns = (digit[0, 0] > -0.5).nonzero().T
    assert rows.max() - rows.min() + 1 == 20, "the longer side fills the box"
    assert columns.max() - columns.min() + 1 == pytest.approx(8, abs=1), "and the proportions stay"
    assert centre(digit) == pytest.approx([13.5, 13.5], abs=0.6)


def test_real_digits_stay_what_they_are():
    digits = load_digits("held-out")
    redrawn = torch.cat([as_mnist(image[0].numpy() / 255.0) for image in digits.images[::10]])
    right = digit_reader()(redrawn).argmax(1) == digits.labels[::10]
    assert right.float().mean() > 0.95


def test_a_single_dot_is_drawn():
    assert as_mnist(np.pad(np.ones((1, 1)), 5)) is not None


def test_a_pen_draws_lines_only_while_it_is_down():
    sketch = Sketch()
    assert sketch.pen_to(50, 50) is None and sketch.ink().sum() == 0
    sketch.pen_down(50, 50)
    assert sketch.pen_to(150, 50) == (50, 50)
    assert sketch.pen_up() and not sketch.pen_up()
    sketch.pen_to(150, 200)
    ink = sketch.ink()
    assert ink[50, 50:150].min() == 1 and ink[100:].sum() == 0
    sketch.clear()
    assert sketch.ink().sum() == 0


def test_a_drawn_1_is_read_as_1_and_the_network_stays_in_its_mode():
    sketch = Sketch()
    sketch.pen_down(140, 40)
    sketch.pen_to(120, 210)
    reader = digit_reader().train()
    try:
        shares = probabilities(reader, as_mnist(sketch.ink()))
        assert reader.training
    finally:
        reader.eval()
    assert max(range(10), key=shares.__getitem__) == 1 and sum(shares) == pytest.approx(1)
