"""The recipe of lesson 07: what it deals, and that it runs to weights and cards that load."""

import json

import pytest
import torch

from gan_helpers import train_cyclegan
from gan_helpers.__main__ import main
from gan_helpers.translation import TranslationScores


def test_what_stands_together_is_no_pair():
    heaps = train_cyclegan.unpaired(20, 16)
    assert heaps.shape == (20, 2, 3, 16, 16) and heaps.dtype == torch.uint8
    apart = (heaps[:, 0].float() - heaps[:, 1].float()).abs().mean((1, 2, 3))
    assert (apart > 5).all()


def test_train_cyclegan_writes_two_translators_with_scores(monkeypatch, tmp_path, capsys):
    pytest.importorskip("accelerate")
    monkeypatch.setattr(train_cyclegan, "JUDGED", 40)
    few = ["--steps", "2", "--set", "pictures=20", "--set", "size=32"]
    assert main(["train", "cyclegan", *few, "--folder", str(tmp_path)]) == 0
    card = json.loads((tmp_path / "cyclegan_to_b.json").read_text())
    assert card["steps"] == 2 and card["hyperparameters"]["pictures"] == 20
    scores = card["scores"]
    for name in ("to pepperoni", "to cheese", "cheese, untouched", "pepperoni, drawn", "cheese, drawn"):
        assert set(scores[name]) == set(TranslationScores._fields)
    assert scores["cheese, drawn"]["bare"] == 0 < scores["pepperoni, untouched"]["bare"]
    # Two steps change little: the translators still leave the pizzas nearly as they are.
    assert scores["to cheese"]["outside"] < 10
    assert "to pepperoni" in capsys.readouterr().out
    for part in ("to_a", "to_b"):
        assert (tmp_path / f"cyclegan_{part}.safetensors").stat().st_size < 4e6
