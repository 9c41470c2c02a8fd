"""COCO's pictures of pizza and broccoli: from a server that fails in every way, from a folder, and into the lessons."""

import json
import re
import shutil
import threading
import zipfile

import numpy as np
import pytest
import torch
from coco_world import (
    PAUSE,
    annotations,
    make_world,
    picture_bytes,
    prepare_in_a_process,
    serving,
    wait_until,
)
from filelock import FileLock
from PIL import Image
from together import forkserver

from gan_helpers import captioned
from gan_helpers.__main__ import main
from gan_helpers.datasets.cache import prepared_in_words
from gan_helpers.datasets.coco import load_coco, prepare
from gan_helpers.datasets.coco.annotations import Box, Picture, read_annotations
from gan_helpers.datasets.coco.cache_file import file_name, read_pictures
from gan_helpers.datasets.coco.prepare import prepare_coco
from gan_helpers.datasets.coco.squares import cut, square_of

TRAIN, HELD_OUT = 250, 60


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """COCO in small, in its own layout."""
    return make_world(tmp_path_factory.mktemp("world"), train=TRAIN, held_out=HELD_OUT)


@pytest.fixture(scope="module")
def faultless(world, tmp_path_factory):
    """The bytes of the file that a run without faults prepares."""
    with pytest.MonkeyPatch.context() as patch, serving(world) as server:
        patch.setenv("GAN_WORKSHOP_DATA", str(tmp_path_factory.mktemp("faultless")))
        return prepare_coco(address=server.address, pause=PAUSE).file.read_bytes()


@pytest.fixture
def data(monkeypatch, tmp_path):
    """An empty cache folder."""
    folder = tmp_path / "data"
    monkeypatch.setenv("GAN_WORKSHOP_DATA", str(folder))
    return folder


def name_of(place: int, split: str = "train2017") -> str:
    number = {"train2017": 1000, "val2017": 500_000}[split] + 3 * place
    return f"{split}/{number:012}.jpg"


def test_what_is_prepared_is_what_coco_says_and_shows(world, data):
    with serving(world) as server:
        prepared = prepare_coco(address=server.address, size=64, crop="centre", pause=PAUSE)
    assert prepared.used == {"train": TRAIN - 1, "held-out": HELD_OUT}  # one has no caption
    assert "no caption" in prepared.report
    # A second implementation: the standard library's reader, Pillow's crop.
    with zipfile.ZipFile(world / "annotations_trainval2017.zip") as archive:
        instances = json.loads(archive.read("annotations/instances_train2017.json"))
        captions = json.loads(archive.read("annotations/captions_train2017.json"))
    images, pictures = read_pictures(prepared.file, "train")
    told = {image["id"]: image for image in instances["images"]}
    for row in (0, 2, 3, 100, TRAIN - 2):
        picture = pictures[row]
        image = told[picture.id]
        assert (picture.file, picture.page) == (image["file_name"], image["flickr_url"])
        assert (
            picture.licence
            == {1: "Attribution-NonCommercial-ShareAlike License", 4: "Attribution License"}[image["license"]]
        )
        assert picture.captions == [
            " ".join(c["caption"].split()) for c in captions["annotations"] if c["image_id"] == picture.id
        ]
        boxes = [a for a in instances["annotations"] if a["image_id"] == picture.id and a["category_id"] in (56, 59)]
        assert [[b.left, b.top, b.width, b.height] for b in picture.boxes] == [a["bbox"] for a in boxes]
        with Image.open(world / "train2017" / picture.file) as photo:
            side, middle = min(photo.size), [length / 2 for length in photo.size]
            whole = photo.convert("RGB").crop(tuple(int(at + sign * side / 2) for sign in (-1, 1) for at in middle))
        by_pillow = np.asarray(whole.resize((64, 64), Image.Resampling.LANCZOS)).transpose(2, 0, 1)
        inner = slice(None), slice(4, -4), slice(4, -4)  # at its edges our square sees what lies beyond
        assert np.abs(by_pillow.astype(int) - images[row].numpy())[inner].max() <= 1
    page = (prepared.file.parent / "coco-64px-centre-v1-credits.html").read_text()
    assert page.count('href="http://farm7.staticflickr.com/') == sum(prepared.used.values())
    assert "http://creativecommons.org/licenses/by/2.0/" in page


def test_every_fault_is_survived_or_reported(world, data, faultless):
    with serving(world) as server:
        faults = server.faults
        faults["/annotations/annotations_trainval2017.zip"] = ["503", "cut", "cut"]
        for place, how in {
            10: ["404!"], 11: ["403!"], 12: ["503", "503"], 13: ["cut"], 14: ["longer", "cut"], 15: ["longer!"],
            16: ["corrupt!"], 17: ["shorter!"], 18: ["corrupt"], 19: ["500!"], 20: ["429"],
        }.items():  # fmt: skip
            faults[f"/{name_of(place)}"] = how
        prepared = prepare_coco(address=server.address, pause=PAUSE)
        first, second = (at for path, at in server.ranges if path.endswith(".zip"))
        assert 0 < first < second, "the archive was not gone on with where it broke off"
        lost = {name_of(place).split("/")[1] for place in (5, 10, 11, 15, 16, 17, 19)}
        named = re.findall(r"^train/(\d+\.jpg): (.+)$", prepared.report, re.MULTILINE)
        assert {file for file, _ in named} == lost
        reasons = dict(named)
        assert "404" in reasons[name_of(10).split("/")[1]] and "broken" in reasons[name_of(16).split("/")[1]]
        assert prepared.used == {"train": TRAIN - len(lost), "held-out": HELD_OUT}
        # What is there is that of a run without faults, picture for picture.
        whole = data / "whole.safetensors"
        whole.write_bytes(faultless)
        images, pictures = read_pictures(prepared.file, "train")
        theirs, every = read_pictures(whole, "train")
        kept = [place for place, picture in enumerate(every) if picture.file not in lost]
        assert [every[place] for place in kept] == pictures and torch.equal(theirs[kept], images)
        # The server has recovered: only what is missing is asked for.
        faults.clear()
        server.asked.clear()
        again = prepare_coco(address=server.address, pause=PAUSE)
        assert {path.split("/")[-1] for path in server.asked} == lost - {name_of(5).split("/")[1]}
        assert again.file.read_bytes() == faultless


def test_a_run_killed_at_twenty_points_ends_as_one_that_was_not(world, tmp_path, faultless):
    """Ten times by the server in the middle of a body, ten times before a file takes its name; each goes on from what
    the one before left."""
    rng = np.random.default_rng(0)
    processes = forkserver()
    killed = 0
    with serving(world) as server:

        def run(kill_at_request: int = 0, kill_at_rename: int = 0) -> int:
            ready = processes.Event()
            child = processes.Process(
                target=prepare_in_a_process, args=(server.address, str(tmp_path), ready, kill_at_rename)
            )
            child.start()
            if kill_at_request:
                server.kill[len(server.asked) + kill_at_request] = (child.pid, float(rng.uniform(0.1, 0.9)))
            ready.set()
            child.join()
            server.kill.clear()
            return child.exitcode

        for number in range(10):
            killed += run(kill_at_request=int(rng.integers(1 if number == 0 else 2, 25))) == -9
            killed += run(kill_at_rename=int(rng.integers(1, 25))) == -9
        # The last renames of a run: the prepared file, the report, the credits.
        while run() != 0:
            pass
        for number in (1, 2, 3):
            killed += run(kill_at_rename=number) == -9
        assert run() == 0
    assert killed >= 20
    assert (tmp_path / "coco" / file_name(64, "box")).read_bytes() == faultless
    assert not list((tmp_path / "coco").glob(".preparing-*"))


def test_the_killing_server_kills(world, tmp_path):
    """Without this the test above could pass with a server that lets every process live."""
    processes = forkserver()
    with serving(world) as server:
        ready = processes.Event()
        child = processes.Process(target=prepare_in_a_process, args=(server.address, str(tmp_path), ready, 0))
        child.start()
        server.kill[5] = (child.pid, 0.5)
        ready.set()
        child.join()
    assert child.exitcode == -9 and not (tmp_path / "coco" / file_name(64, "box")).exists()


def test_a_second_run_waits_for_the_first(world, data, faultless, capfd):
    folder = data / "coco"
    folder.mkdir(parents=True)
    done = []
    with serving(world) as server:
        lock = FileLock(folder / ".lock")
        lock.acquire()
        second = threading.Thread(target=lambda: done.append(prepare_coco(address=server.address, pause=PAUSE)))
        second.start()
        heard = []
        wait_until(lambda: heard.append(capfd.readouterr().err) or "waiting" in "".join(heard))
        assert not server.asked and not done
        lock.release()
        second.join()
    assert done[0].file.read_bytes() == faultless


def test_a_folder_of_cocos_is_used_as_far_as_it_goes(world, data, tmp_path):
    some = tmp_path / "some"
    shutil.copytree(world, some, ignore=shutil.ignore_patterns("val2017"))
    for place in range(20):
        (some / name_of(place)).unlink()
    (some / name_of(30)).write_bytes(b"this is no picture")
    prepared = prepare_coco(source=some)
    assert prepared.used == {"train": TRAIN - 21, "held-out": 0}
    assert f"held-out: 0 pictures used, {HELD_OUT} left out" in prepared.report
    assert re.search(rf"{name_of(30).split('/')[1]}: broken", prepared.report)
    assert len(load_coco(n=None).images) == TRAIN - 21


def test_annotations_may_lie_unpacked_and_alone(world, data, tmp_path):
    some = tmp_path / "some"
    (some / "annotations").mkdir(parents=True)
    with zipfile.ZipFile(world / "annotations_trainval2017.zip") as archive:
        archive.extractall(some, [f"annotations/{kind}_val2017.json" for kind in ("instances", "captions")])
    shutil.copytree(world / "val2017", some / "val2017")
    prepared = prepare_coco(source=some, size=128)
    assert prepared.used == {"train": 0, "held-out": HELD_OUT}
    assert "no annotations of train2017" in prepared.report


def rewritten(world, folder, change):
    """A COCO folder whose archive holds what `change(name, bytes)` makes of each member; pictures as they were."""
    shutil.copytree(world, folder)
    name = "annotations_trainval2017.zip"
    with zipfile.ZipFile(world / name) as old, zipfile.ZipFile(folder / name, "w") as new:
        for member in old.namelist():
            new.writestr(*change(member, old.read(member)))
    return folder


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda name, content: (f"../../{name}", content), "leads out of its folder"),
        (lambda name, content: (f"/etc/{name}", content), "leads out of its folder"),
        (lambda name, content: (name, content[: len(content) // 2]), "not a whole COCO annotation file"),
        (lambda name, content: (name, b"[1, 2]"), "not a whole COCO annotation file"),
        (lambda name, content: (name, content.replace(b'"broccoli"', b'"cabbage"')), "broccoli is not among those"),
    ],
    ids=["climbs", "absolute", "cut short", "another shape", "no such category"],
)
def test_bad_annotations_are_refused_in_words(world, data, tmp_path, change, message):
    bad = rewritten(world, tmp_path / "bad", change)
    with pytest.raises(ValueError, match=message):
        prepare_coco(source=bad)
    assert not list(data.glob("coco/*.safetensors"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad", "data"]


def test_a_picture_whose_name_leads_elsewhere_is_refused(world, data, tmp_path):
    bad = rewritten(
        world, tmp_path / "bad", lambda name, content: (name, content.replace(b'"000000001000.jpg"', b'"../../x.jpg"'))
    )
    with pytest.raises(ValueError, match="without a path"):
        prepare_coco(source=bad)


def test_no_room_is_found_before_anything_is_downloaded(world, data, monkeypatch):
    usage = shutil.disk_usage("/")._replace(free=10**8)
    monkeypatch.setattr(prepare.shutil, "disk_usage", lambda _: usage)
    with serving(world) as server:
        with pytest.raises(OSError, match=r"not enough room.*GAN_WORKSHOP_DATA"):
            prepare_coco(address=server.address, pause=PAUSE)
        assert server.asked == ["/annotations/annotations_trainval2017.zip"]  # how large it is
    assert not list(data.rglob("*.zip*"))


def test_without_a_network_the_ways_out_are_named(data, capsys):
    with serving(data.parent) as server:
        address = server.address
    assert main(["data", "coco", "--address", address]) == 2
    said = capsys.readouterr().err
    assert all(words in said for words in ("could not be downloaded", "--from FOLDER", "data food"))


def test_a_network_that_goes_away_ends_the_run_and_keeps_what_came(world, data, faultless):
    with serving(world) as server:
        for place in range(60, TRAIN):
            server.faults[f"/{name_of(place)}"] = ["cut!"]
        with pytest.raises(ConnectionError, match="could not be downloaded"):
            prepare_coco(address=server.address, pause=PAUSE, workers=2)
        server.faults.clear()
        before = len(server.asked)
        assert prepare_coco(address=server.address, pause=PAUSE).file.read_bytes() == faultless
        assert len(server.asked) - before <= TRAIN + HELD_OUT - 60


def test_the_cache_of_an_older_version_is_told_and_replaced(world, data, monkeypatch):
    monkeypatch.setattr("gan_helpers.datasets.coco.prepare.VERSION", 2)
    monkeypatch.setattr("gan_helpers.datasets.coco.dataset.VERSION", 2)
    for module in ("prepare", "dataset"):
        monkeypatch.setattr(
            f"gan_helpers.datasets.coco.{module}.file_name",
            lambda size, crop, version=2: file_name(size, crop, version),
        )
    old = data / "coco" / file_name(64, "box")
    old.parent.mkdir(parents=True)
    old.write_bytes(b"of an older version")
    with pytest.raises(FileNotFoundError, match=r"one of an older version.*data coco --size 64"):
        load_coco()
    prepare_coco(source=world)
    assert not old.exists() and len(load_coco("held-out").images) == HELD_OUT


def test_a_damaged_cache_is_told(world, data):
    path = prepare_coco(source=world).file
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(ValueError, match=r"cannot be read.*Delete it"):
        load_coco()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [({"size": 100}, "64, 128, 256"), ({"crop": "left"}, "'box', 'centre'"), ({"workers": 0}, "from 1 to 32")],
)
def test_wrong_choices_are_refused(data, arguments, message):
    with pytest.raises(ValueError, match=message):
        prepare_coco(**arguments)


def test_an_address_that_is_none_and_an_empty_folder_are_refused(data, tmp_path):
    with pytest.raises(ValueError, match="http"):
        prepare_coco(address="images.cocodataset.org")
    with pytest.raises(FileNotFoundError, match="COCO's own layout"):
        prepare_coco(source=tmp_path)


def test_the_command_prepares_lists_and_clears(world, data, capsys):
    assert main(["data", "coco", "--from", str(world)]) == 0
    said = capsys.readouterr().out
    assert f"train: {TRAIN - 1} pictures used, 1 left out" in said and "1 no caption" in said
    assert main(["data", "--list"]) == 0
    assert "coco/coco-64px-box-v1.safetensors" in capsys.readouterr().out
    assert main(["data", "--clear"]) == 0
    assert not prepared_in_words()


def test_a_folder_of_pictures_is_one_line_in_the_list(world, data):
    with serving(world) as server:
        prepare_coco(address=server.address, pause=PAUSE)
    lines = prepared_in_words()
    assert any(line.startswith(f"coco/train2017, {TRAIN - 1} files") for line in lines)
    assert len(lines) == 6  # two folders, the archive, the prepared file, report, credits


def picture(width: int, height: int, *boxes: tuple) -> Picture:
    return Picture(1, "x.jpg", width, height, ["a pizza"], [Box("pizza", *box) for box in boxes], "", "", "")


@pytest.mark.parametrize(
    ("given", "crop", "square"),
    [
        (picture(640, 480, (0, 0, 10, 10)), "centre", (80, 0, 560, 480)),
        (picture(640, 480, (300, 200, 100, 50)), "box", (290, 165, 410, 285)),  # 120 wide round (350, 225)
        (picture(640, 480, (0, 0, 20, 10)), "box", (0, 0, 64, 64)),  # at least 64, moved into the picture
        (picture(640, 480, (500, 380, 140, 100)), "box", (472, 312, 640, 480)),
        (picture(640, 480, (0, 0, 640, 480)), "box", (80, 0, 560, 480)),  # no wider than the picture is high
        (picture(640, 480, (0, 0, 9, 9), (100, 100, 200, 200)), "box", (80, 80, 320, 320)),  # the larger one counts
        (picture(40, 30, (0, 0, 9, 9)), "box", (0, 0, 30, 30)),
    ],
)
def test_the_square(given, crop, square):
    assert square_of(given, crop, 64) == square


def test_grey_and_four_ink_pictures_become_rgb():
    import io

    for mode in ("L", "CMYK", "RGB"):
        with Image.open(io.BytesIO(picture_bytes(3, mode=mode))) as image:
            assert np.asarray(cut(image, (0, 0, 120, 120), 64)).shape == (64, 64, 3)


def test_annotations_keep_only_what_was_asked_for():
    instances, captions = (json.dumps(one).encode() for one in annotations("train2017", 10, 90))
    assert len(read_annotations(instances, captions)) == 10
    assert len(read_annotations(instances, captions, categories=["person"])) == 90


def test_pictures_come_in_the_same_order_for_the_same_seed_and_in_any_size(world, data):
    prepare_coco(source=world)
    few, many = load_coco(n=50), load_coco(n=100)
    assert torch.equal(few.images, many.images[:50]) and few.pictures == many.pictures[:50]
    assert not torch.equal(load_coco(n=50, seed=1).images, few.images)
    small = load_coco(n=50, size=32)
    assert small.images.shape == (50, 3, 32, 32)
    means = few.images.float().mean((2, 3)), small.images.float().mean((2, 3))
    assert (means[0] - means[1]).abs().max() < 1.5
    kinds = {food.food for food in load_coco().foods}
    assert kinds == {"pizza", "broccoli", "both"}
    with pytest.raises(FileNotFoundError, match="--size 128 --crop centre"):
        load_coco(size=100, crop="centre")
    for wrong in ({"split": "val"}, {"size": 512}, {"crop": "x"}):
        with pytest.raises(ValueError, match="should be"):
            load_coco(**wrong)


def test_captions_of_people_are_dealt_like_those_of_the_course(world, data):
    """Wrong texts are those of other pictures; the encoder reads what people write."""
    prepare_coco(source=world)
    pictures = load_coco(n=40)
    assert len({caption.text for caption in pictures.captions(0)}) == 5
    table = captioned.caption_table(pictures)
    assert table.free and table.texts.shape[:2] == (40, 5)
    assert table.stated[:, :, 0].all() and not table.stated[:, :, 1:].any()  # they name the food, no more is known
    dealer = captioned.Dealer(pictures.images, table, wrongs=3, kinds=(1.0,) * 7, evenly=True)
    batch = dealer.deal(torch.arange(16))
    own = dealer.embeddings[:16]  # (16, 5, FEATURES)
    wrong = batch.wrong_text.view(3, 16, 1, -1)
    assert (batch.text[:, None] == own).all(2).any(1).all()
    assert not (wrong == own[None]).all(3).any()


def test_too_few_held_out_photos_are_told_before_the_training(world, data, tmp_path, capsys):
    prepare_coco(source=world)
    for recipe in ("dcgan", "gan-cls"):
        given = ["--set", "data=coco", "--set", "pictures=64", "--steps", "1", "--folder", str(tmp_path / "made")]
        assert main(["train", recipe, *given]) == 2
        said = capsys.readouterr().err
        assert f"128 or more are needed, {HELD_OUT} are prepared" in said and "step" not in said
