"""The recipe of the text encoder: its table of captions, and that a few steps bring captions to their pictures."""

import pytest
import torch

from gan_helpers import train_text
from gan_helpers.accelerated import Order
from gan_helpers.datasets.food import load_food
from gan_helpers.datasets.food.dataset import codes_of, encode
from gan_helpers.datasets.food.matching import fits
from gan_helpers.hyperparameters import Classifier
from gan_helpers.models.text_encoder import FEATURES, characters


def test_the_table_holds_what_the_captions_say():
    pictures = load_food(n=12, size=16)
    table = train_text.caption_table(pictures)
    for number in (0, 7, 11):
        five = pictures.captions(number)
        assert torch.equal(table.texts[number], characters([caption.text for caption in five]))
        assert torch.equal(table.codes[number], torch.from_numpy(encode(pictures.foods[number])))
        for row, caption in zip(table.stated[number], five, strict=True):
            assert (
                row[0] and row[1] == ("surface" in caption.stated) and row[5:].all() == ("toppings" in caption.stated)
            )


def test_what_stands_together_in_a_batch_is_nearly_alike():
    torch.manual_seed(0)
    codes = codes_of(load_food(n=600, size=16))
    rows = torch.randperm(600)[:64]
    groups = train_text.nearly_alike(codes, rows).view(8, train_text.ALIKE)
    assert torch.equal(groups[:, 0], rows[:8])
    near = (codes[groups[:, :1]] != codes[groups[:, 1:]]).sum(-1).float().mean()
    usual = (codes[rows[:32]] != codes[rows[32:]]).sum(-1).float().mean()
    assert near < usual / 2


def test_recall_of_networks_that_know_and_of_ones_that_do_not():
    pictures = load_food("held-out", n=64, size=16)
    table = train_text.caption_table(pictures)
    by_text = {tuple(row.tolist()): place for place, row in enumerate(table.texts[:, 0])}
    fitting = fits(table.codes, table.codes, table.stated[:, 0]).float()

    class Knowing(torch.nn.Module):
        def __init__(self, answer):
            super().__init__()
            self.answer, self.unused = answer, torch.nn.Parameter(torch.zeros(1))

        def forward(self, given):
            return self.answer(given)

    text = Knowing(lambda rows: torch.eye(64)[[by_text[tuple(row.tolist())] for row in rows]])
    seen = torch.zeros(64, 64)
    assert train_text.recall_of(train_text.Encoders(text, Knowing(lambda seen: fitting)), seen, table) == 1
    assert train_text.recall_of(train_text.Encoders(text, Knowing(lambda seen: -fitting)), seen, table) == 0


def test_pictures_and_captions_come_nearer_in_a_few_steps(monkeypatch):
    pytest.importorskip("accelerate")
    for name, value in {"FRESH": 128, "SIZE": 32, "ALIKE": 1}.items():
        monkeypatch.setattr(train_text, name, value)
    recalls = []
    for steps in (1, 80):
        torch.manual_seed(0)
        nets, about = train_text.train_text_encoder(Order(steps, 5.0), Classifier(300, 32, 1e-3))
        recalls.append(about["scores"]["recall@1 of 64"])
    assert recalls[0] < 0.12 < 0.24 < recalls[1]
    assert list(nets) == ["text_encoder"] and about["steps"] == 80
    assert nets["text_encoder"](characters(["a pizza"])).shape == (1, FEATURES)
