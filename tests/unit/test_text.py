"""Typed captions: what can be drawn, what is unknown, what the encoder is given."""

import numpy as np
import pytest
import torch

from gan_helpers import text
from gan_helpers.datasets.food.attributes import FOODS, SHAPES, STYLES, SURFACES, TOPPINGS, every_food
from gan_helpers.datasets.food.captions import TOPPING_WORDS
from gan_helpers.datasets.food.spoken import spoken_caption
from gan_helpers.models.text_encoder import FEATURES, LENGTH, TextEncoder

load_encoder = text.text_encoder.__wrapped__  # without its cache; the fixture below puts a small one in its place


@pytest.fixture(autouse=True)
def small_encoder(monkeypatch):
    torch.manual_seed(0)
    encoder = TextEncoder(width=4).eval()
    with torch.no_grad():
        for weight in encoder.parameters():
            weight.mul_(3)  # a new one tells captions hardly apart
    monkeypatch.setattr(text, "text_encoder", lambda: encoder)
    text.known_embeddings.cache_clear()
    yield
    text.known_embeddings.cache_clear()


def test_each_caption_becomes_an_embedding_of_the_same_length():
    found = text.embed(["a pizza", "two florets of raw broccoli"])
    assert found.shape == (2, FEATURES) and found.dtype == torch.float32
    assert found.norm(dim=1).tolist() == pytest.approx([FEATURES**0.5] * 2, rel=1e-5)
    assert not torch.allclose(found[0], found[1])


def test_neither_capitals_nor_company_change_an_embedding():
    alone = text.embed(["a pizza"])
    assert torch.allclose(text.embed(["A PIZZA", "broccoli"])[:1], alone, atol=1e-5)


def test_what_is_beyond_the_length_does_not_count():
    long = "a pizza " + "x" * LENGTH
    assert torch.equal(text.embed([long]), text.embed([long + " on a red napkin"]))
    assert text.embed(["a pizza " * 1250]).isfinite().all()  # 10,000 characters


@pytest.mark.parametrize("said", ["", "  \n ", "a cat", "🍕", "пицца", "x" * 10_000, "?!", "of the on"])
def test_a_caption_that_says_nothing_is_refused_with_one_that_does(said):
    with pytest.raises(ValueError, match="Try 'a mushroom pizza on a blue plate'") as refused:
        text.embed(["a pizza", said])
    assert len(str(refused.value)) < 250


def test_no_captions_and_no_text_are_refused():
    with pytest.raises(ValueError, match="one caption or more"):
        text.embed([])
    with pytest.raises(TypeError, match="not 3"):
        text.embed([3])


@pytest.mark.parametrize("said", ["pizza", "peperoni", "BROCOLI", "a pizza 🍕", "olives, please!"])
def test_one_telling_word_is_enough_even_mistyped(said):
    text.check_caption(said)


def test_what_no_picture_shows_is_named_once_and_nothing_else():
    said = "A cat, a Cat, some wine and a delicious mushroom pizza 🍕 served on my wite plate with anchovies"
    assert text.undrawn_words(said) == ["cat", "wine", "🍕", "anchovies"]
    assert text.undrawn_words("five florets of brocoli") == ["five"]
    for caption in text.known_captions()[::50]:
        assert text.undrawn_words(caption) == []


def test_hardly_a_word_that_states_something_counts_as_undrawn():
    rng = np.random.default_rng(0)
    for food in list(every_food())[::40]:
        _, stated = (caption := spoken_caption(food, rng))
        undrawn = text.undrawn_words(caption.text)
        named = [word for topping in stated.get("toppings", ()) for word in TOPPING_WORDS[topping][1].split()]
        assert not set(undrawn) & {*named, *str(stated.get("surface")).split(), *str(stated.get("style")).split()}


def test_what_is_drawn_names_every_value():
    for value in (*TOPPINGS, *SURFACES, *STYLES, *SHAPES, *FOODS[:2]):
        assert value in text.what_is_drawn()


def test_every_known_caption_is_its_own_nearest():
    assert len(text.known_captions()) == 2182
    for caption in text.known_captions()[5::400]:
        assert text.nearest_caption(caption) == caption


def test_telling_words_are_known_and_fillers_are_not_among_them():
    telling = text.telling_words()
    assert (
        {"pizza", "broccoli", "slice", "pepperoni", "plate", "four", "roasted", "table"}
        <= telling
        <= text.known_words()
    )
    assert not telling & {"a", "of", "on", "with", "picture", "served"}
    assert {"a", "of", "on", "with", "picture", "served", "delicious"} <= text.holding_words()


def test_weights_of_another_alphabet_are_refused(monkeypatch):
    monkeypatch.setattr(text, "ALPHABET", text.ALPHABET[::-1])
    with pytest.raises(ValueError, match="alphabet"):
        load_encoder()
