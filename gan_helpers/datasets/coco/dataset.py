"""COCO's photos of pizza and broccoli in the shape of the drawn food, so that a lesson takes the one or the other."""

from pathlib import Path
from typing import NamedTuple

import torch

from gan_helpers.datasets.coco.annotations import CATEGORIES, Picture
from gan_helpers.datasets.coco.cache_file import VERSION, file_name, read_pictures
from gan_helpers.datasets.coco.prepare import SIZES, coco_folder
from gan_helpers.datasets.coco.source import SPLITS
from gan_helpers.datasets.coco.squares import CROPS
from gan_helpers.datasets.food.attributes import Food
from gan_helpers.datasets.food.captions import Caption
from gan_helpers.datasets.food.dataset import CAPTIONS
from gan_helpers.pixels import as_bytes, as_floats, resized

PART = 256  # pictures made smaller at a time


class CocoPictures(NamedTuple):
    """`images` (N, 3, size, size) uint8; `foods`, of which only the kind of food is known; `pictures`, what COCO says
    of each (see `annotations.Picture`: captions, boxes, number, licence, author's page)."""

    images: torch.Tensor
    foods: list[Food]
    pictures: list[Picture]

    def captions(self, number: int) -> list[Caption]:
        """Five captions of picture `number` in free English; with fewer in COCO some come twice.

        All that is known of what they state is the kind of food, if they name it.
        """
        texts, food = self.pictures[number].captions, self.foods[number].food
        five = [texts[place % len(texts)] for place in range(CAPTIONS)]
        names_it = [any(kind in text.lower() for kind in CATEGORIES) for text in five]
        return [Caption(text, {"food": food} if named else {}) for text, named in zip(five, names_it, strict=True)]


def load_coco(
    split: str = "train", *, size: int = 64, n: int | None = None, seed: int = 0, crop: str = "box"
) -> CocoPictures:
    """Real photos of pizza and broccoli with five captions each, from the file that `data coco` prepared.

    "train" is COCO's train2017, "held-out" its val2017. At most `n` of them (default: all), in an order by `seed`:
    smaller sets are the beginning of larger ones of the same seed. `size` pixels, from 16 on; what is between the
    prepared sizes (64, 128, 256) is made smaller from the next one. `crop` is "box" or "centre" (see `prepare_coco`).

    Raises FileNotFoundError with the command to run where nothing fitting is prepared, ValueError for another split,
    size or crop.
    """
    if split not in SPLITS:
        raise ValueError(f"split should be one of {', '.join(map(repr, SPLITS))}, not {split!r}.")
    if crop not in CROPS:
        raise ValueError(f"crop should be one of {', '.join(map(repr, CROPS))}, not {crop!r}.")
    if not 16 <= size <= SIZES[-1]:
        raise ValueError(f"size should be from 16 to {SIZES[-1]} pixels, not {size!r}.")
    images, pictures = read_pictures(_prepared(size, crop), split)
    order = torch.randperm(len(pictures), generator=torch.Generator().manual_seed(seed))[:n]
    images = images[order]
    if images.shape[-1] != size:
        images = torch.cat([as_bytes(resized(as_floats(part), size, size)) for part in images.split(PART)])
    pictures = [pictures[place] for place in order.tolist()]
    return CocoPictures(images, [_food(picture) for picture in pictures], pictures)


def _prepared(size: int, crop: str) -> Path:
    folder = coco_folder()
    for prepared in SIZES:
        if prepared >= size and (path := folder / file_name(prepared, crop)).exists():
            return path
    needed = next(prepared for prepared in SIZES if prepared >= size)
    command = f"python -m gan_helpers data coco --size {needed}" + (f" --crop {crop}" if crop != "box" else "")
    older = [n for n in range(VERSION) if (folder / file_name(needed, crop, n)).exists()]
    found = "one of an older version of the course" if older else "none"
    raise FileNotFoundError(
        f"expected COCO's photos of {size} pixels or more (crop {crop!r}) in {folder}; found {found}. Run {command} "
        "(1 GB from the network, less what is there; or --from FOLDER with COCO's folder on disk). "
        "load_food() draws pictures and needs neither."
    )


def _food(picture: Picture) -> Food:
    kinds = {box.category for box in picture.boxes}
    return Food("both" if len(kinds) > 1 else kinds.pop(), None)
