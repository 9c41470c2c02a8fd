"""Recipes of lesson 05: the GAN-CLS that ships, that of the lesson, and what each of its parts is good for."""

from collections.abc import Callable
from typing import NamedTuple

import torch

from gan_helpers.accelerated import Order
from gan_helpers.batches import Batches
from gan_helpers.captioned import Dealer, caption_table
from gan_helpers.datasets.choice import check_judged, load_captioned
from gan_helpers.datasets.food import load_food
from gan_helpers.films import film_tensors
from gan_helpers.hyperparameters import HYPERPARAMETERS, ConvolutionalGAN, Film
from gan_helpers.models import gan_cls
from gan_helpers.models.dcgan import resize_block
from gan_helpers.models.gan_cls import CLS, CONDITIONAL, GAN, HINGE_CLS, TextDiscriminator, TextGenerator
from gan_helpers.pixels import as_bytes
from gan_helpers.processes import is_main
from gan_helpers.text import embed
from gan_helpers.text_to_image_scores import JUDGED, REFERENCE_SEED, score, score_photos
from gan_helpers.watch import samples
from gan_helpers.ways import Way, play_way, with_hyperparameters

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
