"""A folder of one's own pictures."""

import numpy as np
import pytest
from PIL import Image

from gan_helpers.datasets import pictures
from gan_helpers.datasets.pictures import load_pictures


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(pictures, "FEW", 1)
    return tmp_path


def save(path, size=(40, 30), colour=(200, 10, 10), mode="RGB", **how):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new(mode, size, colour).save(path, **how)


def test_all_kinds_become_one_tensor_in_the_order_of_their_names(folder):
    save(folder / "b.jpg", colour=(0, 0, 250))
    save(folder / "a.png", size=(17, 90))
    save(folder / "deep" / "c.webp", colour=(0, 250, 0))
    save(folder / "d.gif", mode="P", colour=3)
    save(folder / "e.png", mode="L", colour=128)
    (folder / "notes.txt").write_text("no picture")
    images = load_pictures(folder, size=32)
    assert images.shape == (5, 3, 32, 32)
    assert images[0].float().mean((1, 2)).tolist() == [200, 10, 10]
    assert (
        images[1, 2].float().mean() > 200 and images[2, 1].float().mean() < 140 and images[4].unique().tolist() == [128]
    )


def test_the_middle_square_stays(folder):
    wide = np.zeros((20, 60, 3), np.uint8)
    wide[:, 20:40] = 255
    Image.fromarray(wide).save(folder / "wide.png")
    assert load_pictures(folder, size=16).float().mean() > 240


def test_what_is_transparent_becomes_white(folder):
    save(folder / "glass.png", mode="RGBA", colour=(0, 0, 0, 0))
    assert load_pictures(folder, size=16).unique().tolist() == [255]


def test_a_photo_is_turned_as_its_camera_says(folder):
    tall = Image.new("RGB", (40, 40))
    tall.paste((255, 255, 255), (0, 0, 40, 20))  # white above
    exif = Image.Exif()
    exif[0x0112] = 3  # upside down
    tall.save(folder / "turned.jpg", exif=exif, quality=95)
    image = load_pictures(folder, size=16)[0].float()
    assert image[:, :8].mean() < 20 < 230 < image[:, 8:].mean()


def test_broken_files_are_left_out_named_and_counted(folder):
    save(folder / "good.png")
    for number in range(7):
        (folder / f"broken{number}.png").write_bytes(b"\x89PNG nothing more")
    save(folder / "cut.jpg", size=(400, 400))
    (folder / "cut.jpg").write_bytes((folder / "cut.jpg").read_bytes()[:500])
    with pytest.warns(UserWarning, match=r"8 of 9 files .*broken0\.png .* and 3 more"):
        assert len(load_pictures(folder)) == 1


def test_a_huge_picture_is_left_out_rather_than_filling_the_memory(folder, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    save(folder / "small.png", size=(20, 20))
    save(folder / "huge.png", size=(100, 100))
    with pytest.warns(UserWarning, match=r"huge\.png \(DecompressionBombError\)"):
        assert len(load_pictures(folder)) == 1


def test_few_pictures_come_with_a_word(folder, monkeypatch):
    monkeypatch.setattr(pictures, "FEW", 200)
    save(folder / "a.png")
    with pytest.warns(UserWarning, match="1 pictures are few"):
        load_pictures(folder)


@pytest.mark.parametrize("content", ["nothing", "broken", "text"])
def test_a_folder_without_pictures_says_what_it_holds(folder, content):
    if content != "nothing":
        (folder / ("a.jpg" if content == "broken" else "a.txt")).write_text("no picture")
    with pytest.raises(ValueError, match="none of them readable" if content == "broken" else "no picture"):
        load_pictures(folder)


def test_no_folder_and_sizes_out_of_range(folder):
    with pytest.raises(NotADirectoryError, match="no such folder"):
        load_pictures(folder / "elsewhere")
    for size in (8, 5000):
        with pytest.raises(ValueError, match="16 to 1024"):
            load_pictures(folder, size=size)
