"""Fashion-MNIST, from files made here in its format (the real ones: test_the_real_files, where Debian has them)."""

import gzip
import hashlib
import struct

import numpy as np
import pytest
from torchvision import datasets

from gan_helpers.datasets import fashion


@pytest.fixture
def files(tmp_path, monkeypatch):
    """A folder of four small files in the format of Fashion-MNIST, known to torchvision by their checksums."""
    monkeypatch.setenv("GAN_WORKSHOP_DATA", str(tmp_path / "cache"))
    monkeypatch.setattr(fashion, "DEBIAN", tmp_path / "no Debian here")
    rng = np.random.default_rng(0)
    sums = []
    for name, shape in (("train-images-idx3", (7, 28, 28)), ("train-labels-idx1", (7,)),
                        ("t10k-images-idx3", (3, 28, 28)), ("t10k-labels-idx1", (3,))):  # fmt: skip
        values = rng.integers(0, 10 if len(shape) == 1 else 256, shape).astype(np.uint8)
        header = struct.pack(">HBB", 0, 8, len(shape)) + struct.pack(f">{len(shape)}I", *shape)
        content = gzip.compress(header + values.tobytes())
        (tmp_path / f"{name}-ubyte.gz").write_bytes(content)
        sums.append((f"{name}-ubyte.gz", hashlib.md5(content).hexdigest()))
    monkeypatch.setattr(datasets.FashionMNIST, "resources", sums)
    return tmp_path


def test_files_on_disk_are_read_once_and_then_come_from_the_cache(files):
    train, held_out = fashion.load_fashion(folder=files), fashion.load_fashion("held-out", folder=files)
    assert train.images.shape == (7, 1, 28, 28) and held_out.images.shape == (3, 1, 28, 28)
    assert (
        train.labels.tolist()
        == np.frombuffer(gzip.decompress((files / "train-labels-idx1-ubyte.gz").read_bytes())[8:], "u1").tolist()
    )
    (files / "train-images-idx3-ubyte.gz").unlink()
    assert (fashion.load_fashion().images == train.images).all()


def test_one_changed_byte_is_noticed_and_nothing_is_kept(files):
    file = files / "train-images-idx3-ubyte.gz"
    content = bytearray(file.read_bytes())
    content[100] ^= 1
    file.write_bytes(content)
    with pytest.raises(ValueError, match=r"train-images-idx3-ubyte\.gz is damaged"):
        fashion.load_fashion(folder=files)
    assert not list((files / "cache").glob("*"))


def test_a_missing_file_is_named(files):
    (files / "t10k-labels-idx1-ubyte.gz").unlink()
    with pytest.raises(FileNotFoundError, match=r"t10k-labels-idx1-ubyte\.gz is missing"):
        fashion.load_fashion(folder=files)


def test_without_a_network_the_offline_choices_are_named(files, monkeypatch):
    monkeypatch.setattr(datasets.FashionMNIST, "mirrors", ["http://127.0.0.1:9/"])
    with pytest.raises(ConnectionError, match=r"--from FOLDER .*apt install dataset-fashion-mnist.*drawn food"):
        fashion.load_fashion()


def test_another_split_is_refused():
    with pytest.raises(ValueError, match="'train', 'held-out'"):
        fashion.load_fashion("test")


@pytest.mark.skipif(not fashion.DEBIAN.is_dir(), reason="Debian's dataset-fashion-mnist is not installed")
def test_the_real_files(tmp_path, monkeypatch):
    monkeypatch.setenv("GAN_WORKSHOP_DATA", str(tmp_path))
    train = fashion.load_fashion()
    assert train.images.shape == (60_000, 1, 28, 28) and train.labels.bincount().tolist() == [6_000] * 10
    held_out = fashion.load_fashion("held-out")
    assert held_out.labels.bincount().tolist() == [1_000] * 10
    assert fashion.CLASSES[held_out.labels[0]] == "ankle boot"
