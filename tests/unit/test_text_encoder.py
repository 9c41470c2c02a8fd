"""The text encoder of Reed et al. 2016: its alphabet, its shapes, and the loss it learns by."""

import pytest
import torch

from gan_helpers.models.text_encoder import (
    ALPHABET,
    FEATURES,
    LENGTH,
    TextEncoder,
    characters,
    joint_embedding_loss,
    recall_at_1,
)


def test_the_alphabet_has_seventy_different_symbols():
    assert len(ALPHABET) == len(set(ALPHABET)) == 70


def test_texts_become_numbers_and_back():
    text = "An olive pizza, on 1 plate!"
    row = characters([text])[0].tolist()
    assert "".join(ALPHABET[place - 1] for place in row if place) == text.lower()
    assert characters(["ж🍕é"]).sum() == 0  # another alphabet: nothing known, nothing raised
    assert characters(["a" * 10_000]).shape == (1, LENGTH) and characters([]).shape == (0, LENGTH)


def test_a_text_of_any_length_becomes_one_embedding():
    torch.manual_seed(0)
    encoder = TextEncoder(width=8).eval()
    with torch.no_grad():
        made = encoder(characters(["", "pizza", "PIZZA", "broccoli " * 40]))
    assert made.shape == (4, FEATURES) and made.isfinite().all()
    assert torch.equal(made[1], made[2]) and not torch.allclose(made[0], made[1])


def test_the_sizes_are_those_of_the_paper_at_width_128():
    encoder = TextEncoder(width=128)
    maps = [layer.out_channels for layer in encoder.convolutions if isinstance(layer, torch.nn.Conv1d)]
    assert maps == [384, 512, 256] and encoder.recurrent.hidden_size == 256
    assert encoder.convolutions(torch.zeros(1, 70, LENGTH)).shape == (1, 256, 18)


def reference_loss(images, texts, fits) -> float:
    """The loss written out pair by pair: the mean over those that are too near."""
    total, count = 0.0, 0
    for i in range(len(images)):
        for j in range(len(texts)):
            if fits[i, j]:
                continue
            score = float(images[i] @ texts[j])
            too_near = max(0.0, 1 + score - float(images[i] @ texts[i])) + max(
                0.0, 1 + score - float(images[j] @ texts[j])
            )
            total += too_near
            count += too_near > 0
    return total / max(1, count)


def test_the_loss_against_the_sum_over_pairs():
    torch.manual_seed(1)
    images, texts = torch.randn(6, 4), torch.randn(6, 4)
    fits = torch.eye(6, dtype=torch.bool)
    fits[2, 3] = fits[5, 0] = True
    assert joint_embedding_loss(images, texts, fits).item() == pytest.approx(
        reference_loss(images, texts, fits), rel=1e-5
    )


def test_the_loss_in_closed_form():
    eye = torch.eye(3, dtype=torch.bool)
    same = torch.ones(3, 2)
    assert joint_embedding_loss(same, same, eye).item() == 2  # nothing told apart: the margin, from both sides
    one = torch.tensor([[2.0, 0.0, 0.0], [0.0, 2.0, 0.0], [2.0, 0.0, 0.0]])  # the third is taken for the first
    assert joint_embedding_loss(one, one, eye).item() == 2  # those two pairs alone count, not the four told apart
    apart = 2 * torch.eye(3)
    assert joint_embedding_loss(apart, apart, eye).item() == 0  # 4 against 0: more than the margin
    assert joint_embedding_loss(same, same, torch.ones(3, 3, dtype=torch.bool)).item() == 0  # no wrong answer at all
    with pytest.raises(ValueError, match="diagonal"):
        joint_embedding_loss(same, same, ~eye)


def test_recall_counts_every_fitting_text():
    images, texts = torch.eye(3), torch.eye(3)[[1, 0, 2]]  # the first two prefer each other's text
    fits = torch.eye(3, dtype=torch.bool)
    assert recall_at_1(images, texts, fits) == pytest.approx(1 / 3)
    fits[0, 1] = True
    assert recall_at_1(images, texts, fits) == pytest.approx(2 / 3)


def test_a_slope_reaches_every_weight():
    torch.manual_seed(0)
    encoder = TextEncoder(width=8)
    texts = encoder(characters(["an olive pizza", "two florets", "a slice of ham pizza"]))
    joint_embedding_loss(torch.randn(3, FEATURES), texts, torch.eye(3, dtype=torch.bool)).backward()
    assert all(weight.grad is not None and weight.grad.abs().sum() > 0 for weight in encoder.parameters())
