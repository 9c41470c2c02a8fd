"""`upscale` from the shell: every kind of picture file, and every way in which it can be refused."""

import os

import numpy as np
import pytest
import torch
from PIL import Image

from gan_helpers import upscale_file
from gan_helpers.__main__ import main
from gan_helpers.models.srgan import SRGenerator


@pytest.fixture(autouse=True)
def bicubic_network(monkeypatch):
    """In place of the shipped one: its untrained tail adds nothing, so what comes out is known."""
    generator = SRGenerator(4, 1, ends=3, over_bicubic=True).eval()
    monkeypatch.setattr(upscale_file, "shipped_sr_generator", lambda subject, method: generator)


def a_picture(mode: str = "RGB", size=(12, 8)) -> Image.Image:
    """Smooth, without black and white: where Pillow rounds and clips between its two passes, ours does not."""
    coarse = np.random.default_rng(0).integers(60, 200, (3, 4, 4), dtype=np.uint8)
    smooth = Image.fromarray(coarse, "RGBA").resize(size, Image.Resampling.BICUBIC)
    return smooth.convert("RGB").convert("P") if mode == "P" else smooth.convert(mode)


def run(tmp_path, picture, name="in.png", output="out.png", *more, **options) -> Image.Image:
    picture.save(tmp_path / name, **options)
    assert main(["upscale", str(tmp_path / name), "-o", str(tmp_path / output), *more]) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([name, output])
    with Image.open(tmp_path / output) as made:
        return made.copy()


def refused(tmp_path, capsys, source, output, words, *more) -> None:
    before = {path: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    assert main(["upscale", str(source), "-o", str(output), *more]) == 2
    assert words in capsys.readouterr().err
    assert {path: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()} == before


@pytest.mark.parametrize("size", [(12, 8), (1, 1), (1, 30), (33, 7)])
@pytest.mark.parametrize("output", ["out.png", "out.jpg", "out.webp"])
def test_any_size_becomes_four_times_as_large(tmp_path, size, output):
    made = run(tmp_path, a_picture(size=size), "in.png", output)
    assert made.size == (4 * size[0], 4 * size[1]) and made.mode == "RGB"


def test_untrained_it_is_pillows_bicubic(tmp_path):
    made = run(tmp_path, a_picture())
    theirs = a_picture().resize((48, 32), Image.Resampling.BICUBIC)
    assert np.abs(np.asarray(made).astype(int) - np.asarray(theirs)).max() <= 2


def test_turned_as_the_camera_says(tmp_path):
    picture = a_picture()
    exif = picture.getexif()
    exif[0x0112] = 6  # to be turned clockwise
    made = run(tmp_path, picture, "in.jpg", "out.png", exif=exif, quality=100, subsampling=0)
    assert made.size == (32, 48) and 0x0112 not in made.getexif()
    plain = a_picture().transpose(Image.Transpose.ROTATE_270).resize((32, 48), Image.Resampling.BICUBIC)
    assert np.abs(np.asarray(made).astype(int) - np.asarray(plain)).mean() < 4


def test_transparency_is_kept(tmp_path):
    picture = a_picture("RGBA")
    made = run(tmp_path, picture)
    assert made.mode == "RGBA"
    alpha = picture.getchannel("A").resize((48, 32), Image.Resampling.BICUBIC)
    assert np.abs(np.asarray(made.getchannel("A")).astype(int) - np.asarray(alpha)).max() <= 2


def test_jpeg_for_a_transparent_picture_is_refused_with_the_reason(tmp_path, capsys):
    a_picture("RGBA").save(tmp_path / "in.png")
    refused(tmp_path, capsys, tmp_path / "in.png", tmp_path / "out.jpg", "JPEG cannot hold transparency")


@pytest.mark.parametrize("mode", ["L", "1", "LA", "P"])
def test_grey_stays_grey_and_palettes_become_colours(tmp_path, mode):
    made = run(tmp_path, a_picture(mode))
    assert made.mode == {"L": "L", "1": "L", "LA": "LA", "P": "RGB"}[mode]


def test_sixteen_bits_become_eight_and_it_is_said(tmp_path, capsys):
    ramp = (np.arange(96, dtype=np.uint16).reshape(8, 12) * 680).astype(np.uint16)
    made = run(tmp_path, Image.fromarray(ramp))
    assert made.mode == "L" and "16 bits for each pixel became 8" in capsys.readouterr().out
    assert abs(int(np.asarray(made).max()) - ramp.max() / 257) < 12  # not clipped at 255 of 65,535


def test_cmyk_becomes_rgb_and_it_is_said(tmp_path, capsys):
    made = run(tmp_path, a_picture("CMYK"), "in.jpg", "out.png", quality=100)
    assert made.mode == "RGB" and "CMYK colours became RGB" in capsys.readouterr().out


def test_a_colour_profile_goes_along(tmp_path):
    made = run(tmp_path, a_picture(), icc_profile=b"a profile")
    assert made.info["icc_profile"] == b"a profile"


def test_no_picture(tmp_path, capsys):
    (tmp_path / "notes.png").write_text("a text")
    refused(tmp_path, capsys, tmp_path / "notes.png", tmp_path / "out.png", "no picture that can be read")
    refused(tmp_path, capsys, tmp_path / "nothing.png", tmp_path / "out.png", "there is no file")
    refused(tmp_path, capsys, tmp_path, tmp_path / "out.png", "is a folder")


def test_a_truncated_file(tmp_path, capsys):
    noise = np.random.default_rng(0).integers(0, 256, (128, 128, 3), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / "whole.jpg")
    content = (tmp_path / "whole.jpg").read_bytes()
    (tmp_path / "half.jpg").write_bytes(content[: len(content) // 2])
    refused(tmp_path, capsys, tmp_path / "half.jpg", tmp_path / "out.png", "cut short or damaged")


@pytest.mark.parametrize("side", [4_100, 20_000])
def test_too_large_is_refused_before_memory_is_taken(tmp_path, capsys, monkeypatch, side):
    Image.new("1", (side, side)).save(tmp_path / "huge.png")

    def decode(self):
        raise AssertionError("it was decoded")

    monkeypatch.setattr("PIL.PngImagePlugin.PngImageFile.load", decode)
    refused(tmp_path, capsys, tmp_path / "huge.png", tmp_path / "out.png", "16 million pixels (4,000 x 4,000)")


def test_an_animation(tmp_path, capsys):
    frames = [a_picture("P"), Image.new("P", (12, 8), 3)]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    refused(tmp_path, capsys, tmp_path / "a.gif", tmp_path / "out.png", "holds 2 pictures")


def test_the_output(tmp_path, capsys, monkeypatch):
    source = tmp_path / "in.png"
    a_picture().save(source)
    refused(tmp_path, capsys, source, source, "is the picture itself", "--force")
    os.link(source, tmp_path / "same.png")
    refused(tmp_path, capsys, source, tmp_path / "same.png", "is the picture itself", "--force")
    (tmp_path / "same.png").unlink()
    refused(tmp_path, capsys, source, tmp_path / "out.xyz", "should end with .png, .jpg or .webp")
    refused(tmp_path, capsys, source, tmp_path / "none" / "out.png", "there is no folder")
    (tmp_path / "there.png").write_bytes(b"mine")
    refused(tmp_path, capsys, source, tmp_path / "there.png", "is there already")
    assert main(["upscale", str(source), "-o", str(tmp_path / "there.png"), "--force"]) == 0
    monkeypatch.setattr("os.access", lambda path, mode: False)
    refused(tmp_path, capsys, source, tmp_path / "out.png", "nothing may be written")


def test_a_disk_that_fills_up_leaves_nothing_behind(tmp_path, capsys, monkeypatch):
    a_picture().save(tmp_path / "in.png")

    def full(self, path, **options):
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Image.Image, "save", full)
    refused(tmp_path, capsys, tmp_path / "in.png", tmp_path / "out.png", "No space left")


def test_a_format_that_cannot_hold_so_many_pixels(tmp_path, capsys):
    Image.new("L", (4_200, 3)).save(tmp_path / "long.png")
    refused(tmp_path, capsys, tmp_path / "long.png", tmp_path / "out.webp", "16,383 pixels across at the most")


def test_all_of_it_reaches_the_network(tmp_path, monkeypatch):
    """The network is asked, and what it says is written: one that turns everything white."""
    white = SRGenerator(4, 1, ends=3, over_bicubic=True).eval()
    torch.nn.init.constant_(white.tail.bias, 5.0)
    monkeypatch.setattr(upscale_file, "shipped_sr_generator", lambda subject, method: white)
    assert np.asarray(run(tmp_path, a_picture())).min() == 255
