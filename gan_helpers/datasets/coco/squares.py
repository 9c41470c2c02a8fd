"""The square of a photo that is kept: its middle, or the food in it."""

from PIL import Image

from gan_helpers.datasets.coco.annotations import Picture

CROPS = ("box", "centre")
MARGIN = 1.2  # how much wider than the object's box its square is: a little of what it lies on


def square_of(picture: Picture, crop: str, size: int) -> tuple[int, int, int, int]:
    """(left, top, right, bottom) of the square to be kept, in pixels of the whole picture.

    "centre": the largest one in the middle. "box": round the largest object with a margin, moved into the picture where
    it sticks out, and at least `size` pixels wide as far as there are so many: little is enlarged.
    """
    width, height = picture.width, picture.height
    side, middle = min(width, height), (width / 2, height / 2)
    if crop == "box":
        box = max(picture.boxes, key=lambda box: box.width * box.height)
        side = min(side, max(size, round(MARGIN * max(box.width, box.height))))
        middle = box.left + box.width / 2, box.top + box.height / 2
    left, top = (
        min(max(0, round(at - side / 2)), length - side) for at, length in zip(middle, (width, height), strict=True)
    )
    return left, top, left + side, top + side


def cut(image: Image.Image, square: tuple[int, int, int, int], size: int) -> Image.Image:
    """The `square` of `image`, `size` pixels wide and high; smoothed before it is shrunk."""
    return image.convert("RGB").resize((size, size), Image.Resampling.LANCZOS, box=square)
