"""Scores of a text-to-image generator: does it show what the caption says, is it varied, is it like real pictures?"""

from typing import NamedTuple

import numpy as np
import torch

from gan_helpers.caption_match import caption_match, chance, open_bits, topping_confusion
from gan_helpers.captioned import caption_table
from gan_helpers.datasets.choice import never_trained_on
from gan_helpers.datasets.food import captions, load_food, random_food
from gan_helpers.datasets.food.attributes import Food
from gan_helpers.datasets.food.dataset import CAPTIONS, encode
from gan_helpers.datasets.food.matching import fits, stated_columns
from gan_helpers.datasets.food.paraphrases import PARAPHRASES
from gan_helpers.datasets.food.written import HALVES, written_captions, written_match
from gan_helpers.food_scores import FoodJudge, nearest_pictures, read_food
from gan_helpers.models import gan_cls
from gan_helpers.text import embed, embed_characters
from gan_helpers.variety import drawings, variety
from gan_helpers.watch import samples

REFERENCE_SEED = 1  # of other pictures: neither a GAN nor the reader was trained on them
JUDGED = 1000
POOL = 30_000  # drawn pictures from which those that fit a caption are taken
VARIED, EACH = 40, 12  # captions whose variety is measured, and pictures of each
WRITTEN_EACH = 4  # pictures of each caption that people wrote


class Judged(NamedTuple):
    """Pictures that no GAN and not the reader was trained on, with one caption of each to be drawn.

    `images` (N, 3, size, size) uint8; `text` (N, FEATURES); `codes` (N, 14), what they show; `stated` (N, 14) bool,
    what of it the captions say.
    """

    images: torch.Tensor
    text: torch.Tensor
    codes: torch.Tensor
    stated: torch.Tensor


def judged_by(split: str, size: int) -> Judged:
    """JUDGED of them, of combinations that were trained on ("train") or never were ("held-out")."""
    pictures = load_food(split, n=JUDGED, size=size, seed=REFERENCE_SEED)
    table = caption_table(pictures)
    each = torch.arange(JUDGED), torch.arange(JUDGED) % CAPTIONS  # all five kinds of captions in turn
    return Judged(pictures.images, embed_characters(table.texts[each]), table.codes, table.stated[each])


def match_scores(generator: torch.nn.Module, split: str, size: int) -> dict[str, dict[str, float]]:
    """What -> attribute -> share right: of generated pictures, beside shuffled captions, chance, and real pictures."""
    given = judged_by(split, size)
    made = samples(generator, gan_cls.sample_z(JUDGED, next(generator.parameters())), given.text)
    return {
        "generated": caption_match(made, given.codes, given.stated),
        "captions shuffled": caption_match(made.roll(1, 0), given.codes, given.stated),
        "chance": chance(given.codes, given.stated),
        "real pictures": caption_match(given.images, given.codes, given.stated),
    }


def paraphrase_scores(generator: torch.nn.Module, *, each: int = 32) -> dict[str, dict[str, float]]:
    """The same for PARAPHRASES, `each` pictures of each, beside chance."""
    codes = np.stack([encode(Food(**{"surface": None, **caption.stated})) for caption in PARAPHRASES])
    stated = np.stack([stated_columns(caption.stated) for caption in PARAPHRASES])
    codes, stated = (torch.from_numpy(rows).repeat_interleave(each, 0) for rows in (codes, stated))
    text = embed([caption.text for caption in PARAPHRASES]).repeat_interleave(each, 0)
    made = samples(generator, gan_cls.sample_z(len(text), next(generator.parameters())), text)
    return {"generated": caption_match(made, codes, stated), "chance": chance(codes, stated)}


def openness(generator: torch.nn.Module, size: int, *, captions: int = 40, each: int = 100) -> float:
    """How much of what captions leave open varies: the entropy of pictures of one caption over that of real ones.

    Sums over `captions` captions that leave something out, `each` pictures of each; 1 is as varied as real ones.
    """
    pictures = load_food(n=JUDGED, size=size, seed=REFERENCE_SEED)
    table = caption_table(pictures)
    pool = read_food(load_food(n=POOL, size=size).images).codes  # what is read in real pictures, errors included
    made_bits = real_bits = 0.0
    for row in range(captions):
        one = CAPTIONS - 1 - row % 2  # the last two of five leave something out
        stated, codes = table.stated[row, one], table.codes[row]
        fitting = pool[fits(pool, codes[None], stated[None])[:, 0]][:each]
        text = embed_characters(table.texts[row, one][None]).expand(len(fitting), -1)
        made = samples(generator, gan_cls.sample_z(len(fitting), next(generator.parameters())), text)
        bits = open_bits(read_food(made).codes, fitting, stated)
        made_bits, real_bits = made_bits + bits[0], real_bits + bits[1]
    return made_bits / real_bits if real_bits else float("nan")


def variety_scores(generator: torch.nn.Module, size: int) -> dict:
    """Variety at a full caption (see `variety`): of VARIED foods drawn by chance, EACH pictures of one caption each.

    "fine" and, in copies of 16 pixels, "coarse": the mean over the captions, the worst of them, and all; and the share
    of pictures in which everything was read as the caption says, which are the ones that count.
    """
    rng = np.random.default_rng(7)
    foods = [random_food(rng) for _ in range(VARIED)]
    texts = [captions(food, rng, 1)[0].text for food in foods]  # the first one leaves nothing out
    z = gan_cls.sample_z(VARIED * EACH, next(generator.parameters()))
    made = samples(generator, z, embed(texts).repeat_interleave(EACH, 0))
    asked = torch.from_numpy(np.stack([encode(food) for food in foods])).repeat_interleave(EACH, 0)
    right = (read_food(made).codes == asked).all(1).unflatten(0, (VARIED, EACH))
    found = variety(made.unflatten(0, (VARIED, EACH)), drawings(foods, EACH, size=size, seed=7), right)
    scores = {
        name: {"mean": shares.mean().item(), "worst": shares.min().item(), "each": shares.tolist()}
        for name, shares in found._asdict().items()
    }
    return scores | {"read right": right.float().mean().item(), "captions": texts, "pictures of each": EACH}


def written_scores(generator: torch.nn.Module) -> dict[str, dict[str, float]]:
    """Half of the captions that people wrote -> attribute -> the share of pictures that show it (see `written_match`).

    Tune by the half "tuning" alone.
    """
    scores = {}
    for half in HALVES:
        text = embed([caption.text for caption in written_captions(half)]).repeat_interleave(WRITTEN_EACH, 0)
        made = samples(generator, gan_cls.sample_z(len(text), next(generator.parameters())), text)
        foods = read_food(made).foods()
        rows = [foods[first : first + WRITTEN_EACH] for first in range(0, len(foods), WRITTEN_EACH)]
        scores[half] = written_match(written_captions(half), rows)
    return scores


def score_photos(generator: torch.nn.Module, training: torch.Tensor) -> dict:
    """How like photos of COCO that were not trained on the pictures of their captions are, printed.

    By the features of the reader, which knows drawn food alone: good for comparing generators, no more. What it reads
    in photos means nothing, so the match is not scored.
    """
    others = never_trained_on("coco", size=training.shape[-1], n=JUDGED, seed=REFERENCE_SEED)
    texts = caption_table(others).texts[:, 0]
    made = samples(generator, gan_cls.sample_z(len(texts), next(generator.parameters())), embed_characters(texts))
    likeness = FoodJudge(others.images)(made)
    near, usual = (nearest_pictures(images, training)[0].mean().item() for images in (made, others.images))
    print(f"{likeness}  nearest training photo {near:.1f}, that of other real ones {usual:.1f}")
    scores = likeness._asdict() | {"nearest training photo": near, "of other real ones": usual}
    return {"likeness": scores, "samples": len(texts)}


def score(generator: torch.nn.Module, training: torch.Tensor) -> dict:
    """All scores of a text-to-image generator, printed as they come; `training` is (N, 3, size, size) uint8."""
    size = training.shape[-1]
    scores = {}
    for split, name in (("train", "combinations trained on"), ("held-out", "combinations never trained on")):
        scores[name] = match_scores(generator, split, size)
    scores["paraphrases"] = paraphrase_scores(generator)
    for name, rows in scores.items():
        for what, shares in rows.items():
            print(f"{name}, {what:18}" + "  ".join(f"{attribute} {share:6.1%}" for attribute, share in shares.items()))
    given = judged_by("train", size)
    made = samples(generator, gan_cls.sample_z(JUDGED, next(generator.parameters())), given.text)
    likeness = FoodJudge(given.images)(made)
    near, usual = (nearest_pictures(images, training)[0].mean().item() for images in (made, given.images))
    scores["likeness"] = likeness._asdict() | {"nearest training picture": near, "of other real ones": usual}
    scores["toppings asked for, and read"] = topping_confusion(made, given.codes, given.stated)
    scores["variety at a full caption"] = varied = variety_scores(generator, size)
    scores["captions that people wrote"] = written = written_scores(generator)
    for half, shares in written.items():
        print(f"written captions, {half:9}" + "  ".join(f"{name} {share:6.1%}" for name, share in shares.items()))
    for name in ("fine", "coarse"):
        print(f"variety, {name:6} mean {varied[name]['mean']:.2f}  worst {varied[name]['worst']:.2f}")
    scores["entropy of what captions leave open, share of real pictures'"] = left = openness(generator, size)
    print(f"{likeness}  nearest training picture {near:.1f}, that of other real ones {usual:.1f}  open {left:.0%}")
    return scores | {"samples": JUDGED}
