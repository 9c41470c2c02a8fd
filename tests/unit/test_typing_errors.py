"""Typing errors made on purpose."""

import torch

from gan_helpers.models.text_encoder import ALPHABET, LENGTH, characters
from gan_helpers.typing_errors import with_typos

TEXT = "an olive pizza"


def written(row: torch.Tensor) -> str:
    return "".join(ALPHABET[place - 1] for place in row.tolist() if place)


def one_away(typed: str) -> bool:
    """Whether `typed` is TEXT with one letter left out, doubled, swapped with the next, or replaced."""
    for i in range(len(TEXT)):
        before, letter, after = TEXT[:i], TEXT[i], TEXT[i + 1 :]
        swapped = before + after[:1] + letter + after[1:]
        if typed in (before + after, before + letter + letter + after, swapped):
            return True
        if typed.startswith(before) and typed.endswith(after) and len(typed) == len(TEXT):
            return True
    return False


def test_each_text_gets_one_error_of_any_kind():
    torch.manual_seed(0)
    typed = [written(row) for row in with_typos(characters([TEXT] * 2000), 1.0)]
    assert all(map(one_away, typed))
    assert {len(text) - len(TEXT) for text in typed} == {-1, 0, 1}
    assert sum(sorted(text) == sorted(TEXT) and text != TEXT for text in typed) > 200  # swapped


def test_a_share_of_zero_changes_nothing_and_half_about_half():
    torch.manual_seed(0)
    texts = characters([TEXT] * 2000)
    assert torch.equal(with_typos(texts, 0.0), texts)
    changed = (with_typos(texts, 0.5) != texts).any(1).float().mean().item()
    assert 0.4 < changed < 0.5  # a few errors change nothing: the same letter again, two z swapped


def test_empty_and_full_texts():
    torch.manual_seed(0)
    texts = characters([""] * 50 + ["x" * LENGTH] * 50)
    typed = with_typos(texts, 1.0)
    assert typed.dtype == torch.uint8 and typed.shape == texts.shape and not typed[:50].any()
    assert all(LENGTH - 1 <= len(written(row)) <= LENGTH for row in typed[50:])
