"""Does a picture show what its caption says? Scores of text-to-image, by the reader."""

import torch

from gan_helpers.datasets.food.attributes import TOPPINGS
from gan_helpers.datasets.food.matching import COLUMNS
from gan_helpers.food_scores import read_food


def caption_match(images: torch.Tensor, codes: torch.Tensor, stated: torch.Tensor) -> dict[str, float]:
    """Attribute -> the share, in [0, 1], of the captions that state it whose picture shows it, as the reader sees it.

    `images` (N, 3, H, W), uint8 or float in [-1, 1]; `codes` (N, 14), what was asked for, and `stated` (N, 14) bool,
    what of it the captions say (see `stated_columns`). Of the toppings all nine have to be right, those that are there
    and those that are not. NaN for an attribute that no caption states. Raises ValueError for different lengths.
    """
    if not len(images) == len(codes) == len(stated):
        raise ValueError(
            f"images, codes and stated should be as many, not {len(images)}, {len(codes)} and {len(stated)}."
        )
    return _shares(read_food(images).codes == codes, stated)


def chance(codes: torch.Tensor, stated: torch.Tensor) -> dict[str, float]:
    """Attribute -> the share that is right for a picture which has nothing to do with the caption.

    That of the most frequent value among the captions that state it; arguments as for `caption_match`.
    """
    shares = {}
    for name, columns in COLUMNS.items():
        said = codes[stated[:, columns].all(1)][:, columns]
        counts = said.unique(dim=0, return_counts=True)[1]
        shares[name] = counts.max().item() / len(said) if len(said) else float("nan")
    return shares


def _shares(right: torch.Tensor, stated: torch.Tensor) -> dict[str, float]:
    shares = {}
    for name, columns in COLUMNS.items():
        says = stated[:, columns].all(1)
        shares[name] = right[says][:, columns].all(1).float().mean().item()  # the mean of nothing is NaN
    return shares


def topping_confusion(images: torch.Tensor, codes: torch.Tensor, stated: torch.Tensor) -> dict[str, dict[str, float]]:
    """Topping asked for -> topping -> the share of these pictures, in [0, 1], in which the reader sees it.

    Of captions that state the toppings; arguments as for `caption_match`. On the diagonal 1 is best. Beside it stands
    how often another one is seen that was not asked for; pictures in which it was asked for, too, do not count there.
    NaN where there is no picture to count.
    """
    columns = COLUMNS["toppings"]
    told = stated[:, columns].all(1)
    asked, seen = codes[told][:, columns] > 0, read_food(images[told]).codes[:, columns] > 0
    table = {}
    for row, name in enumerate(TOPPINGS):
        table[name] = {
            other: seen[asked[:, row] & (~asked[:, column] | (row == column)), column].float().mean().item()
            for column, other in enumerate(TOPPINGS)
        }
    return table


def open_bits(codes: torch.Tensor, real_codes: torch.Tensor, stated: torch.Tensor) -> tuple[float, float]:
    """How much varies of what one caption leaves open: entropies in bits, of pictures made of it and of real ones.

    `codes` (N, 14) and `real_codes` (M, 14) are what the reader sees in pictures of the caption; `stated` (14,) bool.
    Each is the sum over the attributes that are not stated and that vary in real ones. Few pictures show too little
    entropy: take as many of one kind as of the other.
    """
    bits = [0.0, 0.0]
    for columns in COLUMNS.values():
        if stated[columns].all() or not (real := _bits(real_codes[:, columns])):
            continue
        bits[0] += _bits(codes[:, columns])
        bits[1] += real
    return tuple(bits)


def _bits(values: torch.Tensor) -> float:
    shares = values.unique(dim=0, return_counts=True)[1] / len(values)
    return max(0.0, -(shares * shares.log2()).sum().item())
