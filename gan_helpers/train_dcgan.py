"""Recipes of lesson 04: the DCGAN that ships, and films of what each of its parts is good for."""

import torch

from gan_helpers.accelerated import Order
from gan_helpers.batches import Batches
from gan_helpers.datasets.food import load_food
from gan_helpers.films import film_tensors
from gan_helpers.models import dcgan
from gan_helpers.models.dcgan import GAN, HINGE, resize_block
from gan_helpers.pixels import as_bytes
from gan_helpers.runtime import place
from gan_helpers.watch import samples
from gan_helpers.ways import Way, play_way
from gan_helpers.weights import load_shipped_pair

PICTURES = 10_000  # of drawn food, to train on
SHIPPED_PICTURES = 30_000  # after 30 rounds through 10,000 D knew them better than new ones (mean logit 0.52 and 0.40)
REFERENCE_SEED = 1  # other pictures of the same kinds: neither a GAN nor the reader was trained on them
JUDGED = 1000
DECAY = 0.999  # of the average of G that ships
LIVE_DECAY = 0.995  # of the lesson: a training of minutes forgets its beginning sooner
SIZE, WIDTH = 64, 40
FILM_SIZE, FILM_WIDTH = 32, 32
FRAMES = (0, 50, 100, 200, 400, 700, 1000, 1300, 1650, 2000)  # after so many steps
FILM_SAMPLES = 8
SWITCHES = 16  # of the 100 random numbers

RATES = GAN(2e-3, 8e-3)  # 10 and 40 times those of the paper
# What the lesson trains for five minutes at its end.
LIVE = Way(generator={"switches": SWITCHES}, rates=RATES, batch=32)
# The same, slowing down, for 64 pixels and 18,000 steps: D won (loss_d 0.003 after 12,600), samples were alike.
LONG = LIVE._replace(falling=True)
# What ships: with spectral normalisation and the hinge loss D stayed within reach for those 18,000 steps.
SHIPPED = LONG._replace(
    generator={"block": resize_block, "switches": SWITCHES},
    discriminator={"norm": "spectral"},
    losses=HINGE,
    beta1=0.0,
)
# What each film differs in from the paper's recipe: one thing, or one thing more.
FILMS = {
    "paper": Way(),
    "without_batchnorm": Way(generator={"norm": False}, discriminator={"norm": "none"}),
    "relu_in_d": Way(discriminator={"slope": 0.0}),
    "resize": Way(generator={"block": resize_block}),
    "spectral": Way(discriminator={"norm": "spectral"}),
    "spectral_hinge": Way(discriminator={"norm": "spectral"}, losses=HINGE),
    "switches": Way(generator={"switches": SWITCHES}),
    "rates": Way(rates=RATES),
    "live": LIVE,
}


def shipped_dcgan() -> GAN:
    """The DCGAN that ships, 64 pixels, ready to use on the fastest device; says that it is not your own training."""
    nets = SHIPPED.pair(SIZE, WIDTH)
    load_shipped_pair(nets, "dcgan")
    return GAN(*(place(net).eval() for net in nets))


def train_dcgan(order: Order) -> tuple[dict, dict]:
    """The DCGAN that ships: its networks by name (of G the average), and what the card says."""
    return _train_and_score(SHIPPED, SIZE, WIDTH, order, decay=DECAY, pictures=SHIPPED_PICTURES)


def train_long_dcgan(order: Order) -> tuple[dict, dict]:
    """The same by the recipe of the lesson's five minutes, to be compared with: nothing that ships."""
    return _train_and_score(LONG, SIZE, WIDTH, order, decay=DECAY, pictures=SHIPPED_PICTURES)


def train_live_dcgan(order: Order) -> tuple[dict, dict]:
    """What an attendee trains at the end of the lesson's section 6, for as many minutes: nothing that ships."""
    return _train_and_score(LIVE, FILM_SIZE, FILM_WIDTH, order, decay=LIVE_DECAY, pictures=PICTURES)


def _train_and_score(
    way: Way, size: int, width: int, order: Order, *, decay: float | None, pictures: int
) -> tuple[dict, dict]:
    from gan_helpers.food_scores import FoodJudge, nearest_pictures  # the reader is itself a shipped weight

    food = load_food(n=pictures, size=size)
    others = load_food(n=JUDGED, size=size, seed=REFERENCE_SEED).images
    judge = FoodJudge(others)
    nets = way.pair(size, width)
    untrained = judge(_samples(nets.generator))
    batches = Batches(food.images, way.batch, seed=order.seed)
    steps, average = play_way(batches, dcgan.adversarial_step, nets, way, order, decay=decay)
    nets = nets if average is None else nets._replace(generator=average)
    made = _samples(nets.generator)
    scores = judge(made)
    near, usual = (nearest_pictures(images, food.images)[0].mean().item() for images in (made, others))
    print(f"untrained {untrained}\ntrained   {scores}")
    print(f"nearest training picture {near:.1f}, that of other real ones {usual:.1f}")
    return nets._asdict(), {
        "steps": steps,
        "batch": way.batch,
        "average": decay,
        "scores": scores._asdict() | {"nearest training picture": near, "of other real ones": usual, "samples": JUDGED},
        "untrained": untrained._asdict(),
        "data": _data(size, pictures),
    }


def _samples(generator: torch.nn.Module) -> torch.Tensor:
    return samples(generator, dcgan.sample_z(JUDGED, next(generator.parameters())))


def train_dcgan_films(order: Order) -> tuple[dict, dict]:
    """A film of each of FILMS, 32 pixels, all from the same seed and for as many steps."""
    from gan_helpers.food_scores import FoodJudge

    food = load_food(n=PICTURES, size=FILM_SIZE)
    judge = FoodJudge(load_food(n=JUDGED, size=FILM_SIZE, seed=REFERENCE_SEED).images)
    films, scores = {}, {}
    for name, way in FILMS.items():
        torch.manual_seed(order.seed)
        nets = way.pair(FILM_SIZE, FILM_WIDTH)
        z = dcgan.sample_z(JUDGED, next(nets.generator.parameters()))
        frames = {}

        def keep(step: int, frames=frames, nets=nets, z=z) -> None:
            if step in FRAMES:
                frames[step] = as_bytes(samples(nets.generator, z[:FILM_SAMPLES]))

        batches = Batches(food.images, way.batch, seed=order.seed)
        played = play_way(batches, dcgan.adversarial_step, nets, way, order, each_step=keep)
        scores[name] = judge(samples(nets.generator, z))
        films[name] = film_tensors(frames)
        print(f"{name:20} {scores[name]}")
    return films, {
        "steps": played.steps,
        "batch": {name: way.batch for name, way in FILMS.items()},
        "scores": {name: score._asdict() for name, score in scores.items()} | {"samples": JUDGED},
        "data": _data(FILM_SIZE, PICTURES),
    }


def _data(size: int, pictures: int) -> str:
    return (
        f"{pictures:,} drawn pictures of food, {size} pixels, split 'train', data seed 0; scored against {JUDGED:,} "
        f"others of data seed {REFERENCE_SEED}"
    )
