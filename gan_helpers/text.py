"""From what somebody types to an embedding, by the shipped text encoder; and what of it the encoder cannot know."""

import re
from collections import Counter, defaultdict
from functools import cache

import numpy as np
import torch
import torch.nn.functional as F

from gan_helpers.datasets.food.attributes import FOODS, SHAPES, STYLES, SURFACES, TOPPINGS, every_food
from gan_helpers.datasets.food.captions import NUMBERS, STYLE_WORDS, TOPPING_WORDS, article, captions
from gan_helpers.datasets.food.spoken_words import (
    COUNTS_SPOKEN,
    FUNCTION_WORDS,
    JOINED,
    LIES,
    LOOKS,
    NO_TOPPING,
    ON,
    PIECES,
    PLATE,
    SAUCE,
    SHAPES_NOTED,
    SLICE,
    STYLES_SPOKEN,
    SURFACES_SPOKEN,
    TOPPINGS_SPOKEN,
    UNCOUNTED,
    WHOLE,
)
from gan_helpers.models.text_encoder import ALPHABET, FEATURES, LENGTH, TextEncoder, characters
from gan_helpers.weights import load_shipped

PART = 256  # texts encoded at a time


@cache
def text_encoder() -> TextEncoder:
    """The shipped text encoder, ready to use. Raises ValueError for weights that count the symbols otherwise."""
    encoder = TextEncoder()
    described = load_shipped(encoder, "text_encoder")
    if described["alphabet"] != ALPHABET:
        raise ValueError(
            f"the weights 'text_encoder' were trained with the alphabet {described['alphabet']!r}; this code counts "
            f"{ALPHABET!r}. Install gan_helpers again, or train them anew: python -m gan_helpers train text-encoder."
        )
    return encoder.eval().requires_grad_(False)


def embed(texts: list[str]) -> torch.Tensor:
    """What the encoder makes of each text: (N, FEATURES) float32, each of length sqrt(FEATURES), on the processor.

    Capitals count as small letters, what is beyond LENGTH characters does not count. Raises ValueError for no text and
    for one that says nothing (see `check_caption`).
    """
    if not texts:
        raise ValueError("texts should be a list of one caption or more; it is empty.")
    for text in texts:
        check_caption(text)
    return embed_characters(characters(texts))


def embed_characters(texts: torch.Tensor, encoder: TextEncoder | None = None) -> torch.Tensor:
    """The same for texts as numbers (N, LENGTH), as `characters` gives them, on their device.

    An `encoder` may be given, which lies where they do: another one, or a copy of the shipped one on a GPU.
    """
    encoder = encoder or text_encoder()
    with torch.no_grad():  # it has learned: GAN-CLS takes its embeddings as they are
        rows = torch.cat([encoder(part) for part in texts.split(PART)])
    return F.normalize(rows.float()) * FEATURES**0.5


def check_caption(text: str) -> None:
    """Raise TypeError or ValueError, saying what could be typed, where `text` is no text or has no word to go by."""
    if not isinstance(text, str):
        raise TypeError(f"a caption should be a text, not {text!r}.")
    said = words(text)
    if not text.strip():
        raise ValueError(f"the caption is empty. Try {EXAMPLE!r}.")
    if not any(word in telling_words() for word in said + suggestions(said)):
        shown = ", ".join(repr(word[:20]) for word in said[:5] or [text])
        raise ValueError(f"nothing in this caption can be drawn: {shown}. Try {EXAMPLE!r}.")


EXAMPLE = "a mushroom pizza on a blue plate"


def words(text: str) -> list[str]:
    """The words of `text` in small letters, as far as the encoder reads: what stands between spaces and ASCII signs."""
    return re.findall(r"[^\s!-/:-@\[-`{-~]+", text[:LENGTH].lower())


def undrawn_words(text: str) -> list[str]:
    """The words of `text` that no picture of the course can show, such as "wine" or "anchovies", each once.

    Words that hold a caption together ("a", "served", "delicious") and words spelled like ones that can be drawn are
    none of them.
    """
    told = [word for word in dict.fromkeys(words(text)) if word not in telling_words() | holding_words()]
    return [word for word in told if not _like(word, telling_words())]


def what_is_drawn() -> str:
    """What pictures of the course can show, in one sentence."""
    toppings, styles = ", ".join(TOPPINGS), ", ".join(STYLES[:-1])
    surfaces = ", ".join(article(surface) for surface in SURFACES)
    return (
        f"The course draws pizza (whole, half or a slice; cheese alone, or one or two of {toppings}) and one to four "
        f"pieces of broccoli ({styles}, or with {STYLES[-1]}), on one of these: {surfaces}."
    )


def suggestions(said: list[str]) -> list[str]:
    """For each word the known one that is spelled most alike; nothing for a word that is like none."""
    return [near for word in said for near in _like(word, known_words())]


def _like(word: str, others: frozenset[str]) -> list[str]:
    """The one of `others` that is spelled most like `word`, if one is alike."""
    from difflib import get_close_matches

    return get_close_matches(word, others, n=1, cutoff=0.8)


@cache
def known_captions() -> tuple[str, ...]:
    """One caption of each combination of attributes, held-out ones too: 2,182 texts, always the same."""
    rng = np.random.default_rng(0)
    return tuple(captions(food, rng, 1)[0].text for food in every_food())


@cache
def known_words() -> frozenset[str]:
    """All words that captions of the course are made of."""
    return frozenset(word for text in _all_captions() for word in words(text))


@cache
def _all_captions() -> list[str]:
    """The five captions of each combination of attributes."""
    rng = np.random.default_rng(0)
    return [text for food in every_food() for text, _ in captions(food, rng)]


@cache
def _words_after() -> dict[str, list[str]]:
    """Word -> the words that follow it in captions of the course, the most frequent first; "" begins them."""
    after = defaultdict(Counter)
    for text in _all_captions():
        said = words(text)
        for word, following in zip(["", *said], said, strict=False):
            after[word][following] += 1
    return {word: [following for following, _ in counts.most_common()] for word, counts in after.items()}


def completions(text: str, n: int = 5) -> list[str]:
    """How the caption `text` may go on: up to `n` whole captions, each `text` with one more word finished or added.

    The last word counts as unfinished unless a space follows it or no known word begins so.
    """
    said = words(text)
    if said and said[-1] not in known_words() and text.lower().endswith(said[-1]):
        begun = said.pop()
        text = text[: len(text) - len(begun)]
    else:
        begun, text = "", text if text[-1:].isspace() or not said else f"{text} "
    usual = _words_after().get(said[-1] if said else "", [])
    rest = sorted(known_words() - set(usual)) if begun else []
    return [f"{text}{word} " for word in (*usual, *rest) if word.startswith(begun)][:n]


@cache
def telling_words() -> frozenset[str]:
    """Those of the words that the shipped encoder has learned that say what there is to see."""
    told = [
        *FOODS[:2],
        *SHAPES,
        *NUMBERS.values(),
        *map(str, NUMBERS),
        "florets",
        "slices",
        "pieces",
        *PIECES,
        "toppings",
    ]
    for several in (*TOPPING_WORDS.values(), *STYLE_WORDS.values(), *STYLES_SPOKEN.values(), *SURFACES_SPOKEN.values()):
        told += several
    for before, after in TOPPINGS_SPOKEN.values():
        told += [*before, *after]
    told += [*SAUCE, *SHAPES_NOTED["half"], *SLICE, *WHOLE, *PLATE, *SURFACES, *NO_TOPPING]
    return frozenset(word for phrase in told for word in words(phrase)) & known_words() - {*FUNCTION_WORDS}


@cache
def holding_words() -> frozenset[str]:
    """The words that hold a caption together or praise the food, and say nothing that a picture could lack."""
    held = [*ON, *LIES, *JOINED, *LOOKS, *COUNTS_SPOKEN[1], *COUNTS_SPOKEN[2], *COUNTS_SPOKEN[3], *UNCOUNTED]
    return frozenset({*FUNCTION_WORDS, *(word for phrase in held for word in words(phrase))})


@cache
def known_embeddings() -> torch.Tensor:
    """The embeddings of `known_captions`: (2182, FEATURES)."""
    return embed_characters(characters(list(known_captions())))


def nearest_caption(text: str) -> str:
    """Of `known_captions` the one that the encoder finds most like `text`: what a picture of it will probably show."""
    return nearest_captions(text, 1)[0][0]


def nearest_captions(text: str, n: int) -> list[tuple[str, float]]:
    """The `n` of `known_captions` that the encoder finds most like `text`, each with the cosine, at most 1."""
    cosines = known_embeddings() @ embed([text])[0] / FEATURES
    best = cosines.topk(n)
    return [(known_captions()[k], value) for k, value in zip(best.indices.tolist(), best.values.tolist(), strict=True)]
