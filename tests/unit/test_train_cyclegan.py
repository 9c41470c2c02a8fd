"""The recipe of lesson 07: what it deals, and that it runs to weights and cards that load."""

import json

import pytest
import torch
from PIL import Image

from gan_helpers import train_cyclegan
from gan_helpers.__main__ import main
from gan_helpers.hyperparameters import HYPERPARAMETERS
from gan_helpers.translation import TranslationScores


def test_what_stands_together_is_no_pair():
    heaps = train_cyclegan.unpaired(HYPERPARAMETERS["cyclegan"]._replace(pictures=20, size=16))
    assert heaps.shape == (20, 2, 3, 16, 16) and heaps.dtype == torch.uint8
    apart = (heaps[:, 0].float() - heaps[:, 1].float()).abs().mean((1, 2, 3))
    assert (apart > 5).all()


def test_two_folders_of_pictures_take_the_place_of_the_pizzas(tmp_path, capsys):
    pytest.importorskip("accelerate")
    for name, number, shade in (("dark", 5, 40), ("light", 3, 220)):
        (tmp_path / name).mkdir()
        for place in range(number):
            Image.new("RGB", (40, 50), (shade, shade + place, shade)).save(tmp_path / name / f"{place}.png")
    given = ["--set", f"a={tmp_path / 'dark'}", "--set", "size=32", "--set", "batch=2", "--folder", str(tmp_path)]
    assert main(["train", "cyclegan", "--steps", "1", *given]) == 2
    assert "two folders are needed" in capsys.readouterr().err
    with pytest.warns(UserWarning, match="pictures are few"):
        assert main(["train", "cyclegan", "--steps", "1", *given, "--set", f"b={tmp_path / 'light'}"]) == 0
        chosen = HYPERPARAMETERS["cyclegan"]._replace(a=str(tmp_path / "dark"), b=str(tmp_path / "light"), size=32)
        heaps = train_cyclegan.unpaired(chosen)
    assert heaps.shape == (3, 2, 3, 32, 32) and heaps[:, 0].max() < 60 < 200 < heaps[:, 1].min()
    assert (tmp_path / "cyclegan_to_b.safetensors").exists()


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
