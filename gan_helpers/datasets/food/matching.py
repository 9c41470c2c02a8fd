"""Which caption fits which picture: exact, since both know their attributes."""

import numpy as np
import torch

from gan_helpers.datasets.food.attributes import TOPPINGS

# The columns of `encode`, by the names that captions state. "toppings" are all nine: a pizza with olives is none with
# olives and ham.
COLUMNS = {"food": [0], "surface": [1], "shape": [2], "count": [3], "style": [4],
            "toppings": list(range(5, 5 + len(TOPPINGS)))}  # fmt: skip


def stated_columns(stated: dict) -> np.ndarray:
    """Which of the 14 numbers of `encode` a caption with these `stated` attributes speaks of: (14,) bool.

    Raises KeyError for a name that is not one of COLUMNS.
    """
    columns = np.zeros(5 + len(TOPPINGS), bool)
    for name in stated:
        columns[COLUMNS[name]] = True
    return columns


def contradictions(codes: torch.Tensor, asked: torch.Tensor, stated: torch.Tensor) -> torch.Tensor:
    """How many of the numbers that each text (column) speaks of are others in each picture (row): (N, M) int64.

    `codes` (N, 14) uint8 is what the pictures show, `asked` (M, 14) what the pictures show that the texts were written
    for, both as `encode` gives them; `stated` (M, 14) bool, of which numbers each text speaks.
    """
    return ((codes[:, None] != asked[None]) & stated[None]).sum(2)


def fits(codes: torch.Tensor, asked: torch.Tensor, stated: torch.Tensor) -> torch.Tensor:
    """Whether each text (column) says nothing wrong of each picture (row): (N, M) bool; see `contradictions`."""
    return contradictions(codes, asked, stated) == 0


def wrong_texts(contradicting: torch.Tensor, wrongs: int = 1, *, near: float = 0.0) -> torch.Tensor:
    """For each picture the numbers of `wrongs` texts that do not fit it, at random: (N, wrongs) of the columns.

    `contradicting` (N, M) is what `contradictions` counts. With `near` above 0 texts that are nearly right come more
    often: one with k contradictions exp(-near k) times as often. The same text may come twice. Raises ValueError where
    every text fits a picture: then there is no wrong one.
    """
    wrong = contradicting > 0
    if not wrong.any(1).all():
        row = int((~wrong.any(1)).nonzero()[0])
        raise ValueError(f"no text is wrong for picture {row}: all {wrong.shape[1]} fit it. Take a larger batch.")
    odds = wrong * torch.exp(-near * contradicting)  # 0 for a text that fits
    return torch.multinomial(odds, wrongs, replacement=True)
