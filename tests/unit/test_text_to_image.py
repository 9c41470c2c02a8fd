"""From the shell: a caption becomes a file, and a wrong wish a message."""

import json

import numpy as np
import pytest
import torch
from PIL import Image

from gan_helpers import text, text_to_image
from gan_helpers.__main__ import main
from gan_helpers.models.gan_cls import GAN, TextGenerator
from gan_helpers.models.text_encoder import TextEncoder
from gan_helpers.watch import samples

CAPTION = "a mushroom pizza on a blue plate"


@pytest.fixture(autouse=True)
def small_networks(monkeypatch):
    torch.manual_seed(0)
    encoder, generator = TextEncoder(width=4).eval(), TextGenerator(64, 4).eval()
    monkeypatch.setattr(text, "text_encoder", lambda: encoder)
    monkeypatch.setattr(text_to_image, "shipped_text_gan", lambda: GAN(generator, None))
    text.known_embeddings.cache_clear()
    yield
    text.known_embeddings.cache_clear()


def test_the_same_seed_gives_the_same_pictures():
    once, again, other = (text_to_image.draw([CAPTION] * 2, seed=seed) for seed in (1, 1, 2))
    assert once.shape == (2, 3, 64, 64) and once.abs().max() <= 1
    assert torch.equal(once, again) and not torch.equal(once, other) and not torch.equal(once[0], once[1])


@pytest.mark.parametrize("place", ["z", "text"])
def test_nothing_is_drawn_of_what_is_no_number(place):
    given = {"z": text_to_image.seeded_z(2, 0), "text": text.embed([CAPTION] * 2)}
    given[place][1, 3] = float("nan")
    with pytest.raises(ValueError, match=f"{place} holds NaN"):
        samples(text_to_image.shipped_text_gan().generator, given["z"], given["text"])


def test_one_caption_alone_is_drawn_as_among_others():
    torch.manual_seed(0)
    generator, given, z = (
        text_to_image.shipped_text_gan().generator,
        text.embed([CAPTION, "a pizza"]),
        text_to_image.seeded_z(2, 0),
    )
    both = samples(generator, z, given)
    assert torch.allclose(samples(generator, z[:1], given[:1]), both[:1], atol=1e-5)


def test_another_caption_is_another_picture():
    pizza, broccoli = text_to_image.draw(["a pizza"]), text_to_image.draw(["two florets of broccoli"])
    assert not torch.equal(pizza, broccoli)


@pytest.mark.parametrize(("grid", "side"), [(1, 64), (3, 3 * 65)])
@pytest.mark.parametrize("ending", [".png", ".jpg", ".WEBP"])
def test_a_caption_becomes_a_file(tmp_path, grid, side, ending):
    path = tmp_path / f"out{ending}"
    assert main(["sample", CAPTION, "--grid", str(grid), "-o", str(path)]) == 0
    with Image.open(path) as drawn:
        assert drawn.size == (side, side) and drawn.mode == "RGB"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_is_overwritten_by_force_alone(tmp_path, capsys):
    path = tmp_path / "out.png"
    path.write_text("mine")
    assert main(["sample", CAPTION, "-o", str(path)]) == 2
    assert "--force" in capsys.readouterr().err and path.read_text() == "mine"
    assert main(["sample", CAPTION, "-o", str(path), "--force"]) == 0
    assert Image.open(path).size == (64, 64)


def test_json_says_what_the_reader_sees_and_stderr_what_is_not_drawn(tmp_path, capsys):
    assert main(["sample", CAPTION + " for my cat", "--grid", "2", "-o", str(tmp_path / "a.png"), "--json"]) == 0
    said = capsys.readouterr()
    told = json.loads(said.out)
    assert told["caption"].endswith("cat") and told["not_drawn"] == ["cat"] and len(told["seen"]) == 4
    assert {"food", "surface", "toppings", "confidence"} <= told["seen"][0].keys()
    assert "Not drawn: cat." in said.err and "pineapple" in said.err and "nearest caption: '" in said.err


def test_a_file_of_captions_becomes_a_row_of_pictures_for_each_line(tmp_path, capsys):
    file, path, one = tmp_path / "captions.txt", tmp_path / "all.png", tmp_path / "one.png"
    file.write_text(f"two florets of broccoli\n\n  {CAPTION} for me \n", "utf-8")
    command = ["sample", "--captions", str(file), "--grid", "3", "--seed", "5", "-o", str(path)]
    assert main([*command, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [row["caption"] for row in told] == ["two florets of broccoli", CAPTION + " for me"]
    assert told[1]["not_drawn"] == [] and [len(row["seen"]) for row in told] == [3, 3]
    drawn = np.asarray(Image.open(path))
    assert drawn.shape == (2 * 65, 3 * 65, 3)
    # A line's pictures are those of its caption and the seed, whatever stands on the other lines.
    file.write_text(CAPTION + " for me", "utf-8")
    assert main([*command[:-1], str(one)]) == 0
    assert np.array_equal(np.asarray(Image.open(one)), drawn[65:])


def test_captions_that_cannot_be_drawn_are_named_by_their_line(tmp_path, capsys):
    file, path = tmp_path / "captions.txt", tmp_path / "all.png"
    for content, message in [
        (f"{CAPTION}\na cat\n".encode(), "captions.txt, line 2: nothing in this caption can be drawn"),
        (b"\n \n", "1 to 1,000 captions, one in each line, not 0"),
        (f"{CAPTION}\n".encode() * 1001, "not 1,001"),
        ("a pizza ø".encode("latin-1"), "a text file in UTF-8"),
    ]:
        file.write_bytes(content)
        assert main(["sample", "--captions", str(file), "-o", str(path)]) == 2
        assert message in capsys.readouterr().err and not path.exists()
    assert main(["sample", "--captions", str(tmp_path / "none.txt"), "-o", str(path)]) == 2
    assert "none.txt" in capsys.readouterr().err
    assert main(["sample", CAPTION, "--captions", str(file), "-o", str(path)]) == 2
    assert main(["sample", "-o", str(path)]) == 2
    assert "not both" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["", "-o", "a.png"], "empty"),
        (["a cat", "-o", "a.png"], "'cat'"),
        ([CAPTION, "-o", "a.txt"], "not '.txt'"),
        ([CAPTION, "-o", "a"], "not ''"),
        ([CAPTION, "-o", "nowhere/a.png"], "no folder nowhere"),
        ([CAPTION, "-o", "a.png", "--grid", "0"], "from 1 to 16, not 0"),
        ([CAPTION, "-o", "a.png", "--grid", "17"], "from 1 to 16, not 17"),
    ],
)
def test_a_wrong_wish_ends_with_a_message_and_no_file(tmp_path, monkeypatch, capsys, arguments, message):
    monkeypatch.chdir(tmp_path)
    assert main(["sample", *arguments]) == 2
    assert message in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_what_breaks_while_it_is_written_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "out.png"
    path.write_text("mine")

    def breaks(self, file, *arguments, **more):
        file.write_text("half")
        raise OSError("no space left")

    monkeypatch.setattr(Image.Image, "save", breaks)
    with pytest.raises(OSError, match="no space"):
        text_to_image.save_grid(torch.zeros(1, 3, 8, 8), path, columns=1)
    assert path.read_text() == "mine" and list(tmp_path.iterdir()) == [path]
