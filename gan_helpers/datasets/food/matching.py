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


def fits(codes: torch.Tensor, asked: torch.Tensor, stated: torch.Tensor) -> torch.Tensor:
    """Whether each text (column) says nothing wrong of each picture (row): (N, M) bool.

    `codes` (N, 14) uint8 is what the pictures show, `asked` (M, 14) what the pictures show that the texts were written
    for, both as `encode` gives them; `stated` (M, 14) bool, of which numbers each text speaks.
    """
    return ((codes[:, None] == asked[None]) | ~stated[None]).all(2)


def wrong_texts(fitting: torch.Tensor) -> torch.Tensor:
    """For each picture the number of a text that does not fit it, at random: (N,) of the columns of `fitting` (N, M).

    Raises ValueError where every text fits a picture: then there is no wrong one.
    """
    wrong = ~fitting
    if not wrong.any(1).all():
        row = int((~wrong.any(1)).nonzero()[0])
        raise ValueError(f"no text is wrong for picture {row}: all {fitting.shape[1]} fit it. Take a larger batch.")
    return torch.multinomial(wrong.float(), 1)[:, 0]
