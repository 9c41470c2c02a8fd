"""Recipes of lesson 05: the GAN-CLS that ships, that of the lesson, and what each of its parts is good for."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch

from gan_helpers.accelerated import Order
from gan_helpers.batches import Batches
from gan_helpers.caption_match import caption_match, chance, open_bits
from gan_helpers.captioned import Dealer, caption_table
from gan_helpers.datasets.choice import check_judged, load_captioned, never_trained_on
from gan_helpers.datasets.food import load_food
from gan_helpers.datasets.food.attributes import Food
from gan_helpers.datasets.food.dataset import CAPTIONS, encode
from gan_helpers.datasets.food.matching import fits, stated_columns
from gan_helpers.datasets.food.paraphrases import PARAPHRASES
from gan_helpers.films import film_tensors
from gan_helpers.food_scores import FoodJudge, nearest_pictures, read_food
from gan_helpers.hyperparameters import HYPERPARAMETERS, ConvolutionalGAN, Film
from gan_helpers.models import gan_cls
from gan_helpers.models.dcgan import resize_block
from gan_helpers.models.gan_cls import CLS, CONDITIONAL, GAN, HINGE_CLS, TextDiscriminator, TextGenerator
from gan_helpers.pixels import as_bytes
from gan_helpers.processes import is_main
from gan_helpers.text import embed, embed_characters
from gan_helpers.watch import samples
from gan_helpers.ways import Way, play_way, with_hyperparameters

REFERENCE_SEED = 1  # of other pictures: neither a GAN nor the reader was trained on them
JUDGED = 1000
PICTURES, SIZE, WIDTH = HYPERPARAMETERS["gan-cls"][:3]
LIVE_PICTURES, LIVE_SIZE, LIVE_WIDTH = HYPERPARAMETERS["gan-cls-live"][:3]

BUILDERS = GAN(TextGenerator, TextDiscriminator)
# From the plain conditional GAN to the paper's recipe, one thing at a time (Reed et al. 2016, section 5: rates 2e-4,
# beta1 0.5, batches of 64), then what the DCGAN of lesson 04 ships with.
PLAIN = Way(BUILDERS, losses=CONDITIONAL)
WITH_WRONG_TEXTS = PLAIN._replace(losses=CLS)
PAPER = WITH_WRONG_TEXTS._replace(step={"mixing": True})
MENDED = with_hyperparameters(
    Way(
        BUILDERS,
        generator={"block": resize_block, "switches": 16},
        discriminator={"norm": "spectral", "wider": 1.5, "product": True},
        losses=HINGE_CLS,
        # Most wrong texts are wrong in many ways; D learns to tell toppings from those in which they are all that is
        # wrong. And one picture in ten shows both foods, which is the hardest.
        dealt={"wrongs": 3, "kinds": (1.0, 1.0, 1.0, 1.0, 1.0, 3.0, 1.0), "evenly": True},
        # Without mode seeking G makes nearly the same picture of a caption whatever z is.
        step={"seeking": 0.15},
    ),
    HYPERPARAMETERS["gan-cls-live"],
)
SHIPPED = with_hyperparameters(MENDED._replace(falling=True), HYPERPARAMETERS["gan-cls"])
ABLATION = {"conditional": PLAIN, "wrong texts": WITH_WRONG_TEXTS, "mixed texts": PAPER, "mended": MENDED}
# The mended recipe without one of its parts.
TRICKS = {
    "batch norm in D": MENDED._replace(discriminator=MENDED.discriminator | {"norm": "batch"}),
    "cross-entropy": MENDED._replace(losses=CLS),
    "transposed convolutions": MENDED._replace(generator={"switches": 16}),
    "no product in D": MENDED._replace(discriminator={"norm": "spectral", "wider": 1.5}),
    "narrow D": MENDED._replace(discriminator={"norm": "spectral", "product": True}),
    "slow D": MENDED._replace(rates=GAN(1e-3, 2e-4)),
    "any wrong texts": MENDED._replace(dealt={"wrongs": 3, "evenly": True}),
    "no seeking": MENDED._replace(step={}),
}


def captioned_step(dealer: Dealer) -> Callable:
    """`gan_cls.adversarial_step` for rows of pictures, as `play_way` calls it."""

    def step(rows: torch.Tensor, nets: GAN, opts: GAN, losses: GAN, **more) -> tuple[torch.Tensor, torch.Tensor]:
        return gan_cls.adversarial_step(dealer.deal(rows), nets, opts, losses, **more)

    return step


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
    pool = read_food(load_food(n=PICTURES, size=size).images).codes  # what is read in real pictures, errors included
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


def train_gan_cls(order: Order, chosen: ConvolutionalGAN) -> tuple[dict, dict]:
    """The GAN-CLS that ships: its networks by name (of G the average), and what the card says."""
    return _train_and_score(SHIPPED, order, chosen)


def train_live_gan_cls(order: Order, chosen: ConvolutionalGAN) -> tuple[dict, dict]:
    """What an attendee trains in lesson 05, for as many minutes: nothing that ships."""
    return _train_and_score(MENDED, order, chosen)


def _train_and_score(way: Way, order: Order, chosen: ConvolutionalGAN) -> tuple[dict, dict]:
    way = with_hyperparameters(way, chosen)
    check_judged(chosen.data, size=chosen.size)
    pictures = load_captioned(chosen.data, n=chosen.pictures, size=chosen.size)
    dealer = Dealer(pictures.images, caption_table(pictures), **way.dealt)
    nets = way.pair(chosen.size, chosen.width)
    batches = Batches(pictures.images, way.batch, seed=order.seed, rows=dealer.rows)
    steps, average = play_way(batches, captioned_step(dealer), nets, way, order, decay=chosen.decay or None, rows=True)
    nets = nets if average is None else nets._replace(generator=average)
    if not is_main():
        return {}, {}
    scores = score_photos if chosen.data == "coco" else score
    return nets._asdict(), {
        "steps": steps,
        "batch": way.batch,
        "average": chosen.decay,
        "scores": scores(nets.generator, pictures.images),
        "data": _data(len(pictures.images), chosen.size, chosen.data),
    }


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
    scores["entropy of what captions leave open, share of real pictures'"] = left = openness(generator, size)
    print(f"{likeness}  nearest training picture {near:.1f}, that of other real ones {usual:.1f}  open {left:.0%}")
    return scores | {"samples": JUDGED}


class Shown(NamedTuple):
    """What each frame of a film shows: N `captions`, their `text` (N, FEATURES), and `z` (N, LATENT, 1, 1)."""

    captions: list[str]
    text: torch.Tensor
    z: torch.Tensor


FILM_CAPTIONS = (
    "a whole pepperoni pizza on a white plate",
    "half of a mushroom pizza on a wooden board",
    "a slice of pizza with olives on a blue plate",
    "a cheese pizza on a marble table",
    "three florets of raw broccoli on a black plate",
    "one piece of roasted broccoli on a baking tray",
    "two florets of broccoli with cheese sauce on a red napkin",
    "a slice of ham pizza next to one floret of dark broccoli on a white plate",
)
FRAMES = 12  # of a film, the first before the first step
FILM_BATCH = 64  # pictures in a step as films count them


def shown() -> Shown:
    """FILM_CAPTIONS, one z for each: always the same."""
    z = torch.randn(len(FILM_CAPTIONS), gan_cls.LATENT, 1, 1, generator=torch.Generator().manual_seed(0))
    return Shown(list(FILM_CAPTIONS), embed(list(FILM_CAPTIONS)), z)


def film_of(way: Way, dealer: Dealer, size: int, width: int, order: Order) -> tuple[GAN, dict[str, torch.Tensor]]:
    """Networks trained in the `way` given, and the film of it (see `film_tensors`).

    `order.steps`, and those that the film names, are steps of FILM_BATCH pictures, however many a batch of the way has.
    """
    torch.manual_seed(order.seed)
    nets = way.pair(size, width)
    scene, frames = shown(), {}
    # Often at first, when there is most to see: the frames stand at the squares.
    at = {round(order.steps * (number / (FRAMES - 1)) ** 2) for number in range(FRAMES)}

    def keep(step: int) -> None:
        whole, begun = divmod(step * way.batch, FILM_BATCH)
        if not begun and whole in at:
            frames[whole] = as_bytes(samples(nets.generator, scene.z, scene.text))

    batches = Batches(dealer.images, way.batch, seed=order.seed, rows=dealer.rows)
    own = order._replace(steps=order.steps * FILM_BATCH // way.batch)
    play_way(batches, captioned_step(dealer), nets, way, own, rows=True, each_step=keep)
    return nets, film_tensors(frames)


def train_gan_cls_films(
    order: Order, chosen: Film, ways: dict[str, Way] = ABLATION, *, seeds: int = 2
) -> tuple[dict, dict]:
    """A film of each of `ways`, 32 pixels, after as many pictures seen; each is trained with `seeds` seeds.

    `order.steps` are steps of FILM_BATCH pictures.
    """
    food = load_food(n=chosen.pictures, size=chosen.size)
    table, films, scores = caption_table(food), {}, {}
    for name, way in ways.items():
        for seed in range(order.seed, order.seed + seeds):
            own = order._replace(seed=seed, checkpoint=None)
            nets, film = film_of(way, Dealer(food.images, table, **way.dealt), chosen.size, chosen.width, own)
            films.setdefault(name.replace(" ", "_"), film)
            if not is_main():
                continue
            print(f"{name}, seed {seed}")
            scores[f"{name}, seed {seed}"] = score(nets.generator, food.images)
    return films, {"steps": order.steps, "batch": FILM_BATCH, "captions": list(FILM_CAPTIONS), "scores": scores,
                   "data": _data(chosen.pictures, chosen.size)}  # fmt: skip


def train_gan_cls_tricks(order: Order, chosen: Film) -> tuple[dict, dict]:
    """The same of the mended recipe without one part after another, with one seed."""
    return train_gan_cls_films(order, chosen, TRICKS, seeds=1)


def train_gan_cls_paper(order: Order, chosen: Film) -> tuple[dict, dict]:
    """The film of a long training by the recipe of Reed et al. 2016 as written, 64 pixels, networks of our width."""
    food = load_food(n=chosen.pictures, size=chosen.size)
    nets, film = film_of(PAPER, Dealer(food.images, caption_table(food)), chosen.size, chosen.width, order)
    if not is_main():
        return {}, {}
    return {"film": film}, {
        "steps": order.steps,
        "batch": PAPER.batch,
        "captions": list(FILM_CAPTIONS),
        "scores": score(nets.generator, food.images),
        "data": _data(chosen.pictures, chosen.size),
    }


def _data(pictures: int, size: int, data: str = "food") -> str:
    if data == "coco":
        return (
            f"{pictures:,} photos of COCO 2017, {size} pixels, split 'train', five captions each; scored by 'held-out'"
        )
    return (
        f"{pictures:,} drawn pictures of food, {size} pixels, split 'train', data seed 0, five captions each; scored "
        f"by {JUDGED:,} captions of other pictures of data seed {REFERENCE_SEED}"
    )
