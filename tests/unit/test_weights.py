"""Shipped weights and their cards."""

import json
from hashlib import sha256

import pytest
import torch
from torch import nn

from gan_helpers import weights


def net() -> nn.Module:
    return nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4))


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(weights, "FOLDER", tmp_path)
    return tmp_path


def test_what_is_saved_comes_back_to_half_precision(folder):
    first, second = net(), net()
    first(torch.randn(5, 3))  # moves the running statistics, and the counter, which is whole
    weights.save_shipped(first, "thing", {"network": "net"}, folder=folder)
    card = weights.load_shipped(second, "thing")
    for key, value in first.state_dict().items():
        assert torch.allclose(second.state_dict()[key], value, atol=1e-3), key
    assert second[1].num_batches_tracked == 1
    assert card["network"] == "net" and weights.names() == ["thing"]


def test_weights_of_another_network_leave_this_one_unchanged(folder):
    weights.save_shipped(net(), "thing", {"network": "net"}, folder=folder)
    other = nn.Sequential(nn.Linear(3, 5), nn.BatchNorm1d(5))
    before = {key: value.clone() for key, value in other.state_dict().items()}
    with pytest.raises(ValueError, match="belong to another network"):
        weights.load_shipped(other, "thing")
    assert all(torch.equal(value, before[key]) for key, value in other.state_dict().items())


def test_a_damaged_file_is_refused(folder):
    path = weights.save_shipped(net(), "thing", {"network": "net"}, folder=folder)
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(ValueError, match="damaged"):
        weights.load_shipped(net(), "thing")


def test_an_unknown_name_lists_those_that_ship(folder):
    weights.save_shipped(net(), "thing", {"network": "net"}, folder=folder)
    with pytest.raises(KeyError, match="thing"):
        weights.load_shipped(net(), "thong")


@pytest.mark.parametrize("name", weights.names())
def test_each_card_says_what_made_the_weights_and_what_they_score(name):
    card = json.loads((weights.FOLDER / f"{name}.json").read_text())
    for key in ("command", "network", "steps", "minutes", "processor", "seed", "data", "scores", "sha256", "licence"):
        assert card.get(key) not in (None, ""), key
    assert card["command"].startswith("python -m gan_helpers train ")
    assert (weights.FOLDER / f"{name}.safetensors").stat().st_size == card["bytes"] <= 4_000_000
    assert sha256((weights.FOLDER / f"{name}.safetensors").read_bytes()).hexdigest() == card["sha256"]
