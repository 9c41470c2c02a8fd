"""Photos out of installed packages or a folder, and crops of them."""

import pytest
import torch
from PIL import Image

from gan_helpers.datasets.photos import JUDGED, LEARNED_ONLY, load_photos, random_crops


def test_thirteen_photos_with_who_made_them_and_no_download():
    photos = load_photos()
    assert tuple(photos) == JUDGED + LEARNED_ONLY and len(JUDGED) == 6 and len(LEARNED_ONLY) == 7
    for name, photo in photos.items():
        assert photo.image.dtype == torch.uint8 and photo.image.shape[0] == 3 and min(photo.image.shape[1:]) >= 300
        coloured = not torch.equal(photo.image[0], photo.image[1])
        assert coloured == (name in (*JUDGED, "immunohistochemistry", "hubble_deep_field"))
        assert photo.author and photo.licence in (
            "public domain", "CC0", "CC BY 2.0", "no known copyright restrictions",
        )  # fmt: skip
    assert photos["china"].credit() == "danielbuechele (flickr), CC BY 2.0"


def test_one_photo_is_left_out_whole():
    assert "chelsea" not in load_photos(without="chelsea") and len(load_photos(without="chelsea")) == 12
    with pytest.raises(KeyError, match="no photo is named 'mona'; there are: astronaut"):
        load_photos(without="mona")


def test_a_folder_of_ones_own(tmp_path):
    Image.new("RGB", (90, 70), "red").save(tmp_path / "wide.png")
    Image.new("L", (64, 64), 128).save(tmp_path / "grey.jpg")
    turned = Image.new("RGB", (80, 60), "blue")
    exif = turned.getexif()
    exif[0x0112] = 6  # the camera was held upright
    turned.save(tmp_path / "turned.jpg", exif=exif)
    (tmp_path / "broken.png").write_text("no picture")
    with pytest.warns(UserWarning, match="1 of 4 files could not be read"):
        photos = load_photos(tmp_path)
    assert {name: tuple(photo.image.shape) for name, photo in photos.items()} == {
        "grey.jpg": (3, 64, 64), "turned.jpg": (3, 80, 60), "wide.png": (3, 70, 90),
    }  # fmt: skip
    with pytest.raises(NotADirectoryError):
        load_photos(tmp_path / "nowhere")


def numbered(height: int, width: int) -> torch.Tensor:
    """An image whose pixels tell where they stand: row in red, column in green, one number in blue."""
    rows, columns = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    return torch.stack([rows, columns, torch.full_like(rows, 7)]).to(torch.uint8)


def test_crops_are_parts_of_the_images_turned_and_mirrored_in_all_eight_ways():
    crops = random_crops([numbered(120, 200)], 400, size=48, seed=3)
    assert crops.shape == (400, 3, 48, 48) and crops.dtype == torch.uint8
    assert (crops[:, 2] == 7).all()  # nothing from outside
    ways = set()
    for crop in crops.int():
        down, across = crop[:2, -1, 0] - crop[:2, 0, 0], crop[:2, 0, -1] - crop[:2, 0, 0]
        ways.add((*down.sign().tolist(), *across.sign().tolist()))
        # As many as its own pixels, or up to twice as many, shrunk.
        assert 45 <= down.abs().max() <= 97 and 45 <= across.abs().max() <= 97
    assert len(ways) == 8


def test_the_same_seed_gives_the_same_crops_and_large_images_give_more():
    images = [torch.zeros(3, 100, 100, dtype=torch.uint8), torch.full((3, 100, 300), 255, dtype=torch.uint8)]
    once, again, other = (random_crops(images, 200, size=32, seed=seed) for seed in (1, 1, 2))
    assert torch.equal(once, again) and not torch.equal(once, other)
    assert 0.65 < (once[:, 0, 0, 0] == 255).float().mean() < 0.85  # three quarters of the area


def test_an_image_smaller_than_its_crops_is_refused():
    with pytest.raises(ValueError, match="crops of 96 pixels need images of 96 x 96 or more; these came: 120 x 80"):
        random_crops([torch.zeros(3, 80, 120, dtype=torch.uint8)], 3)
    with pytest.raises(ValueError, match="none"):
        random_crops([], 3)
