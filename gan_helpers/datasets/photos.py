"""Real photos that come inside installed packages, and any folder of one's own, for super-resolution.

Thirteen are enough to learn edges and textures from: each gives thousands of different crops. They are small (116 to
872 thousand pixels); what is learned from them is how small patches look, not what photos show.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from gan_helpers.datasets.pictures import picture_files, read_upright
from gan_helpers.pixels import as_bytes, as_floats, resized

SMALLEST_SHRINK = 0.5  # a crop may show up to twice as much as its pixels: see `random_crops`


class Photo(NamedTuple):
    """`image` (3, H, W) uint8, and who is to be named for it: its `author` and `licence`; "" for one's own."""

    image: torch.Tensor
    author: str = ""
    licence: str = ""

    def credit(self) -> str:
        """For a caption: who made it, and on what terms."""
        return ", ".join(filter(None, (self.author, self.licence)))


# As the docstrings of skimage.data and scikit-learn's datasets/images/README.txt have it.
_PACKAGED = {
    "astronaut": ("skimage", "NASA", "public domain"),
    "chelsea": ("skimage", "Stefan van der Walt", "CC0"),
    "coffee": ("skimage", "Rachel Michetti", "CC0"),
    "rocket": ("skimage", "SpaceX", "public domain"),
    "china": ("sklearn", "danielbuechele (flickr)", "CC BY 2.0"),
    "flower": ("sklearn", "vultilion (flickr)", "CC BY 2.0"),
    "camera": ("skimage", "Lav Varshney", "CC0"),
    "brick": ("skimage", "CC0Textures.com, Bricks25", "CC0"),
    "grass": ("skimage", "linolafett (DeviantArt)", "CC0"),
    "gravel": ("skimage", "CC0Textures.com, Gravel04", "CC0"),
    "coins": ("skimage", "Brooklyn Museum", "no known copyright restrictions"),
    "immunohistochemistry": (
        "skimage",
        "Center for Microscopy and Molecular Imaging",
        "no known copyright restrictions",
    ),
    "hubble_deep_field": ("skimage", "NASA", "public domain"),
}
JUDGED = ("astronaut", "chelsea", "coffee", "rocket", "china", "flower")  # such as people take, in colour
LEARNED_ONLY = tuple(name for name in _PACKAGED if name not in JUDGED)  # without colour, or taken by an instrument


def load_photos(folder: Path | str | None = None, *, without: str | None = None) -> dict[str, Photo]:
    """The thirteen photos of the course by name, or all readable pictures of `folder` and below by file name.

    Nothing is downloaded: eleven come inside scikit-image, two inside scikit-learn.
    `without` names one to be left out, to be judged by later. Pictures of a folder are turned as their camera says;
    what is transparent becomes white. Raises KeyError for a photo that is not there, NotADirectoryError and ValueError
    as `picture_files` does.
    """
    if folder is None:
        photos = {name: Photo(_packaged(name, source), *credit) for name, (source, *credit) in _PACKAGED.items()}
    else:
        photos = {name: Photo(_tensor(pixels)) for name, pixels in picture_files(folder, read_upright)}
    if without is not None:
        if without not in photos:
            raise KeyError(f"no photo is named {without!r}; there are: {', '.join(photos)}.")
        del photos[without]
    return photos


def _packaged(name: str, source: str) -> torch.Tensor:
    if source == "skimage":
        import skimage.data

        pixels = getattr(skimage.data, name)()
    else:
        from sklearn.datasets import load_sample_image

        pixels = load_sample_image(f"{name}.jpg")
    return _tensor(pixels)


def _tensor(pixels: np.ndarray) -> torch.Tensor:
    pixels = np.atleast_3d(pixels).repeat(1 if pixels.ndim == 3 else 3, 2)
    return torch.from_numpy(np.ascontiguousarray(pixels.transpose(2, 0, 1)))


def random_crops(images: Sequence[torch.Tensor], n: int, *, size: int = 96, seed: int = 0) -> torch.Tensor:
    """`n` random squares of `images`, each (3, H, W) uint8: (n, 3, size, size) uint8, the same for the same seed.

    An image of four times as many pixels gives twice as many. Half are mirrored; each is turned by 0, 90, 180 or 270
    degrees (a patch has no top); and each shows a square of `size` to twice as many pixels, shrunk to `size`: so there
    are sharp edges in soft photos too. Raises ValueError for an image smaller than `size`, and for none.
    """
    if not len(images) or min(min(image.shape[1:]) for image in images) < size:
        shapes = ", ".join(f"{image.shape[2]} x {image.shape[1]}" for image in images) or "none"
        raise ValueError(f"crops of {size} pixels need images of {size} x {size} or more; these came: {shapes}.")
    rng = np.random.default_rng(seed)
    sides = np.sqrt([image.shape[1] * image.shape[2] for image in images])
    crops = torch.empty(n, 3, size, size, dtype=torch.uint8)
    for number, which in enumerate(rng.choice(len(images), n, p=sides / sides.sum())):
        image = images[which]
        side = min(round(size / rng.uniform(SMALLEST_SHRINK, 1)), *image.shape[1:])
        top, left = (int(rng.integers(0, length - side + 1)) for length in image.shape[1:])
        square = image[:, top : top + side, left : left + side]
        if side > size:
            square = as_bytes(resized(as_floats(square[None]), size, size))[0]
        square = torch.rot90(square, int(rng.integers(4)), (1, 2))
        crops[number] = square.flip(2) if rng.random() < 0.5 else square
    return crops
