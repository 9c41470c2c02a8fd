"""The recipe of GAN-CLS: what it deals, what it scores, and that it runs to the end."""

import itertools
import json

import pytest
import torch

from gan_helpers import captioned, text, text_to_image_scores, train_gan_cls, weights
from gan_helpers.__main__ import main
from gan_helpers.accelerated import Order
from gan_helpers.captioned import Dealer, caption_table
from gan_helpers.datasets.food import load_food
from gan_helpers.datasets.food.attributes import TOPPINGS
from gan_helpers.datasets.food.matching import COLUMNS, contradictions, fits
from gan_helpers.models import gan_cls
from gan_helpers.models.text_encoder import FEATURES, TextEncoder, characters


@pytest.fixture(autouse=True)
def small_encoder(monkeypatch):
    torch.manual_seed(0)
    encoder = TextEncoder(width=4).eval()
    for module in (text, captioned):
        monkeypatch.setattr(module, "text_encoder", lambda: encoder)


@pytest.fixture(scope="module")
def food():
    return load_food(n=120, size=32)


def a_dealer(food, **dealt) -> Dealer:
    """With embeddings that tell every caption from every other, as those of an untrained encoder do not."""
    dealer = Dealer(food.images, caption_table(food), **dealt)
    dealer.embeddings = torch.randn(dealer.embeddings.shape)
    return dealer


def rows_of(embeddings: torch.Tensor, dealer: Dealer) -> tuple[torch.Tensor, torch.Tensor]:
    """Whose caption, and which of the five, each of the `embeddings` is."""
    place = torch.cdist(embeddings, dealer.embeddings.flatten(0, 1)).argmin(1)
    return place // 5, place % 5


@pytest.mark.parametrize("wrongs", [1, 3])
def test_each_picture_is_dealt_with_one_of_its_captions_and_some_that_do_not_fit(food, wrongs):
    dealer = a_dealer(food, wrongs=wrongs)
    codes, stated = dealer.table.codes, dealer.table.stated
    used = set()
    for _ in range(20):
        rows = torch.randperm(120)[:32]
        real, right, wrong = dealer.deal(rows)
        assert torch.equal(real, food.images[rows].float() / 127.5 - 1)
        whose, which = rows_of(right, dealer)
        assert fits(codes[rows], codes[whose], stated[whose, which]).diagonal().all()
        used |= {(row, one) for row, one in zip(whose.tolist(), which.tolist(), strict=True)}
        whose, which = rows_of(wrong, dealer)
        assert len(wrong) == wrongs * len(rows)
        repeated = codes[rows].repeat(wrongs, 1)
        assert not fits(repeated, codes[whose], stated[whose, which]).diagonal().any()
    assert {which for _, which in used} == set(range(5))


def test_a_pack_holds_different_pictures_that_fit_its_caption_and_wrong_texts_that_fit_none(food):
    dealer = a_dealer(food, wrongs=2, pack=2, kinds=(1.0,) * 7)
    table, alone = dealer.table, 0
    shown = food.images.float() / 127.5 - 1
    for _ in range(10):
        rows = torch.randperm(120)[:16]
        real, right, wrong = dealer.deal(rows)
        assert real.shape[0] == right.shape[0] == 16 and wrong.shape[0] == 32
        assert torch.equal(real[::2], shown[rows[::2]])
        assert torch.equal(right[::2], right[1::2]) and torch.equal(wrong[::2], wrong[1::2])
        numbers = torch.cdist(real.flatten(1), shown.flatten(1)).argmin(1)
        whose, which = rows_of(right, dealer)
        assert fits(table.codes[numbers], table.codes[whose], table.stated[whose, which]).diagonal().all()
        same = numbers[::2] == numbers[1::2]
        fitting = fits(table.codes, table.codes[whose[::2]], table.stated[whose[::2], which[::2]]).sum(0)
        assert torch.equal(same, fitting == 1)  # the same picture twice only where no other fits
        alone += int(same.sum())
        whose, which = rows_of(wrong, dealer)
        assert not fits(table.codes[numbers.repeat(2)], table.codes[whose], table.stated[whose, which]).diagonal().any()
    assert 0 < alone < 80


def test_spoken_captions_stand_beside_the_five_plain_ones(food):
    plain, both = caption_table(food), caption_table(food, spoken=3)
    assert both.texts.shape[1] == 8 and torch.equal(both.texts[:, :5], plain.texts)
    assert torch.equal(both.stated[:, :5], plain.stated) and both.stated[:, :, 0].all()
    said = [caption.text for caption in food.spoken_captions(7, 3)]
    assert torch.equal(both.texts[7, 5:], characters(said)) and len(set(said)) == 3


def test_a_second_dealer_of_the_same_captions_does_not_read_them_again(food, monkeypatch):
    table, other = caption_table(food), caption_table(food)
    first = Dealer(food.images, table)
    read, own = [], captioned.embed_characters
    monkeypatch.setattr(captioned, "embed_characters", lambda *given: read.append(1) or own(*given))
    assert torch.equal(Dealer(food.images, table, wrongs=3).embeddings, first.embeddings) and not read
    assert torch.equal(Dealer(food.images, other).embeddings, first.embeddings) and read
    held = len(captioned._READ)
    del table, first
    assert len(captioned._READ) == held - 1


def test_toppings_alone_are_wrong_more_often_when_asked_for(food):
    shares = []
    for kinds in (None, (1.0, 1.0, 1.0, 1.0, 1.0, 3.0, 1.0)):
        dealer = a_dealer(food, kinds=kinds)
        table, rows = dealer.table, torch.arange(100)
        whose, which = rows_of(torch.cat([dealer.deal(rows).wrong_text for _ in range(3)]), dealer)
        mistakes = contradictions(table.codes[rows], table.codes[whose], table.stated[whose, which])
        mistakes = mistakes[rows.repeat(3), torch.arange(300)]  # of each text about its own picture
        shares.append((mistakes[:, -1] & (mistakes.sum(1) == 1)).float().mean().item())
    assert shares[0] < 0.1 < shares[1] - 0.1


def test_each_food_is_dealt_about_as_often_when_asked_for(food):
    dealer = a_dealer(food, evenly=True)
    natural, even = (dealer.table.codes[rows, 0].long().bincount()[1:] for rows in (torch.arange(120), dealer.rows))
    assert natural.min() < natural.max() / 2 and even.min() > even.max() * 0.7
    assert set(dealer.rows.tolist()) == set(range(120))
    assert torch.equal(a_dealer(food).rows, torch.arange(120))


def test_the_ways_differ_by_one_thing_at_a_time():
    ways = list(train_gan_cls.ABLATION.values())
    changed = [
        {name for name, was, now in zip(one._fields, one, two, strict=True) if was != now}
        for one, two in itertools.pairwise(ways)
    ]
    assert changed[:2] == [{"losses"}, {"step"}] and ways[0].losses == gan_cls.CONDITIONAL


def test_each_trick_is_left_out_alone():
    for name, way in train_gan_cls.TRICKS.items():
        changed = [one for one, was, now in zip(way._fields, train_gan_cls.MENDED, way, strict=True) if was != now]
        assert len(changed) == 1, name


def test_films_count_pictures_whatever_the_batch(food):
    pytest.importorskip("accelerate")
    order = Order(3, 5.0)
    for batch in (64, 32):
        way = train_gan_cls.PAPER._replace(batch=batch)
        nets, film = train_gan_cls.film_of(way, a_dealer(food), 32, 4, order)
        assert film["steps"].tolist() == [0, 1, 2, 3]
        assert [int(net.draw[1].num_batches_tracked) for net in [nets.generator]] == [2 * 3 * 64 // batch]


def test_train_gan_cls_writes_a_pair_with_all_scores(monkeypatch, tmp_path, capsys):
    pytest.importorskip("accelerate")
    monkeypatch.setattr(text_to_image_scores, "POOL", 150)
    monkeypatch.setattr(text_to_image_scores, "JUDGED", 130)
    monkeypatch.setattr(text_to_image_scores, "VARIED", 5)
    few = ["--steps", "2", "--set", "pictures=150"]
    assert main(["train", "gan-cls", *few, "--folder", str(tmp_path)]) == 0
    assert main(["train", "gan-cls-live", *few, "--folder", str(tmp_path / "live")]) == 0
    card = json.loads((tmp_path / "gan_cls_generator.json").read_text())
    for split in ("combinations trained on", "combinations never trained on"):
        scores = card["scores"][split]
        assert set(scores) == {"generated", "captions shuffled", "chance", "real pictures"}
        assert all(set(shares) == set(COLUMNS) for shares in scores.values())
        assert scores["real pictures"]["food"] > 0.95 and scores["chance"]["food"] < 0.6
    assert set(card["scores"]["paraphrases"]["generated"]) == set(COLUMNS)
    assert 0 <= card["scores"]["likeness"]["coverage"] <= 1 and card["steps"] == 2
    # After two steps hardly a picture is read right, and those that are not earn nothing.
    assert card["scores"]["variety at a full caption"]["fine"]["mean"] < 0.5
    assert set(card["scores"]["captions that people wrote"]) == {"tuning", "reporting"}
    assert set(card["scores"]["toppings asked for, and read"]) == set(TOPPINGS)
    monkeypatch.setattr(weights, "FOLDER", tmp_path)
    nets = train_gan_cls.SHIPPED.pair(train_gan_cls.SIZE, train_gan_cls.WIDTH)
    weights.load_shipped_pair(nets, "gan_cls")
    assert nets.generator.eval()(gan_cls.sample_z(1, torch.zeros(1)), torch.zeros(1, FEATURES)).isfinite().all()
    assert sum(path.stat().st_size for path in tmp_path.glob("gan_cls_*.safetensors")) < 8e6


def test_embeddings_of_many_captions_are_read_once(monkeypatch, tmp_path):
    monkeypatch.setenv("GAN_WORKSHOP_DATA", str(tmp_path))
    food = load_food(n=6, size=16)
    table, again = caption_table(food), caption_table(food)
    expected = captioned.Dealer(food.images, table).embeddings
    assert not list(tmp_path.glob("embeddings-*"))  # a few are read anew
    monkeypatch.setattr(captioned, "MANY", 6)
    kept = captioned.Dealer(food.images, again).embeddings
    (file,) = tmp_path.glob("embeddings-*.npz")
    monkeypatch.setattr(captioned, "_read_anew", None)
    third = captioned.Dealer(food.images, caption_table(food)).embeddings
    assert torch.equal(kept, third) and torch.equal(kept.cpu(), expected.cpu())
    other = caption_table(load_food(n=6, size=16, seed=1))
    with pytest.raises(TypeError):  # other captions have another file
        captioned.Dealer(food.images, other)
    assert list(tmp_path.glob("embeddings-*.npz")) == [file]
