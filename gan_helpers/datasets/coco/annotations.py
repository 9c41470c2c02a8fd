"""What COCO's annotation files say of the pictures that show certain things.

A file of 450 MB is read in one go, but of its contents only the fields below are kept: msgspec skips the others, the
outlines of objects most of all, without making Python objects of them.
"""

from collections import defaultdict
from collections.abc import Sequence

import msgspec

CATEGORIES = ("pizza", "broccoli")


class Box(msgspec.Struct, array_like=True, frozen=True):
    """Where an object of `category` is: `left`, `top`, `width` and `height` in pixels of the whole picture."""

    category: str
    left: float
    top: float
    width: float
    height: float


class Picture(msgspec.Struct):
    """One picture as COCO gives it: size in pixels, the five or more captions (none in a broken set), the boxes of what
    was asked for, and who is to be named: `licence` and its page, and `page`, the picture's address at its author's.

    `square` is what of it was kept: (left, top, right, bottom) in pixels of the whole picture."""

    id: int
    file: str
    width: int
    height: int
    captions: list[str]
    boxes: list[Box]
    licence: str
    licence_page: str
    page: str
    square: tuple[int, int, int, int] | None = None


class _Image(msgspec.Struct):
    id: int
    file_name: str
    width: int
    height: int
    license: int = 0
    flickr_url: str = ""


class _Instance(msgspec.Struct):
    image_id: int
    category_id: int
    bbox: tuple[float, float, float, float]


class _Category(msgspec.Struct):
    id: int
    name: str


class _Licence(msgspec.Struct):
    id: int
    name: str
    url: str = ""


class _Instances(msgspec.Struct):
    images: list[_Image]
    annotations: list[_Instance]
    categories: list[_Category]
    licenses: list[_Licence] = []


class _Caption(msgspec.Struct):
    image_id: int
    caption: str


class _Captions(msgspec.Struct):
    annotations: list[_Caption]


def read_annotations(
    instances: bytes, captions: bytes, *, categories: Sequence[str] = CATEGORIES, source: str = "the annotations"
) -> list[Picture]:
    """The pictures that show something of `categories`, in the order of their numbers.

    `instances` and `captions` are the contents of COCO's instances_*.json and captions_*.json. Raises ValueError,
    naming `source`, for a file that is cut short or of another shape, and for a category that is not there.
    """
    boxes, images, licences = _pictures_with(instances, categories, source)
    told = defaultdict(list)
    for caption in _decode(captions, _Captions, f"{source}, captions").annotations:
        if caption.image_id in boxes and (text := " ".join(caption.caption.split())):
            told[caption.image_id].append(text)
    pictures = []
    for image in images:
        licence = licences.get(image.license, _Licence(0, "unknown"))
        pictures.append(
            Picture(
                image.id, image.file_name, image.width, image.height, told[image.id], boxes[image.id],
                licence.name, licence.url, image.flickr_url,
            )
        )  # fmt: skip
    return sorted(pictures, key=lambda picture: picture.id)


def _pictures_with(instances: bytes, categories: Sequence[str], source: str):
    """{picture: its boxes}, those pictures, {number: licence}: what is large is gone when this returns."""
    content = _decode(instances, _Instances, f"{source}, instances")
    names = {category.id: category.name for category in content.categories}
    if missing := [name for name in categories if name not in names.values()]:
        there = ", ".join(sorted(names.values())) or "none"
        raise ValueError(f"{source}: expected the categories {', '.join(categories)}; {', '.join(missing)} "
                         f"is not among those there ({there}). Is this COCO's own file?")  # fmt: skip
    boxes = defaultdict(list)
    for one in content.annotations:
        if (name := names.get(one.category_id)) in categories:
            boxes[one.image_id].append(Box(name, *one.bbox))
    images = [image for image in content.images if image.id in boxes]
    return dict(boxes), images, {licence.id: licence for licence in content.licenses}


def _decode(content: bytes, kind: type, source: str):
    try:
        return msgspec.json.decode(content, type=kind)
    except msgspec.DecodeError as error:  # the base of what it raises for another shape, too
        raise ValueError(
            f"{source}: not a whole COCO annotation file ({error}). Fetch it anew: delete it and run the command again."
        ) from error
