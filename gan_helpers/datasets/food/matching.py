"""Which caption fits which picture: exact, since both know their attributes."""

from collections.abc import Sequence

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
    """Which of the six attributes each text (column) says wrongly of each picture (row): (N, M, 6) bool, as in COLUMNS.

    `codes` (N, 14) uint8 is what the pictures show, `asked` (M, 14) what the pictures show that the texts were written
    for, both as `encode` gives them; `stated` (M, 14) bool, of which numbers each text speaks.
    """
    wrong = (codes[:, None] != asked[None]) & stated[None]
    return torch.stack([wrong[:, :, columns].any(2) for columns in COLUMNS.values()], 2)


def fits(codes: torch.Tensor, asked: torch.Tensor, stated: torch.Tensor) -> torch.Tensor:
    """Whether each text (column) says nothing wrong of each picture (row): (N, M) bool; see `contradictions`."""
    return ~contradictions(codes, asked, stated).any(2)


def wrong_texts(contradicting: torch.Tensor, wrongs: int = 1) -> torch.Tensor:
    """For each picture the numbers of `wrongs` texts that do not fit it, at random: (N, wrongs) of the columns.

    `contradicting` (N, M, A) bool is what `contradictions` says. All wrong texts come equally often, and the same one
    may come twice. Raises ValueError where every text fits a picture: then there is no wrong one.
    """
    odds = contradicting.any(2).float()  # (N, M)
    check_odds(odds)
    return torch.multinomial(odds, wrongs, replacement=True)


def wrong_texts_by_kind(contradicting: torch.Tensor, kinds: Sequence[float], wrongs: int = 1) -> torch.Tensor:
    """The same, but each kind of mistake comes as often as `kinds` says, as far as there is a text of that kind.

    `kinds` are A + 1 numbers of 0 or more: for being wrong in each of the A attributes alone, and for being wrong in
    several. Of texts drawn evenly most are wrong in several ways at once. Raises ValueError where none of these kinds
    can be had for a picture.
    """
    mistakes = contradicting.sum(2)  # (N, M)
    alone = contradicting & (mistakes == 1)[..., None]
    kind = torch.cat([alone, (mistakes > 1)[..., None]], 2).float()  # (N, M, A + 1), 1 for the kind of each wrong text
    odds_of_one = torch.tensor(kinds, device=kind.device) / kind.sum(1).clamp(min=1)  # (N, A + 1), of one text of it
    odds = (kind * odds_of_one[:, None]).sum(2)
    check_odds(odds)
    return torch.multinomial(odds, wrongs, replacement=True)


def check_odds(odds: torch.Tensor) -> None:
    """Raise ValueError unless each row of `odds` (N, M), of texts to be wrong for a picture, has one above 0."""
    if not (odds > 0).any(1).all():
        row = int((odds == 0).all(1).nonzero()[0])
        raise ValueError(f"no text is wrong for picture {row}: all {odds.shape[1]} fit it. Take a larger batch.")
