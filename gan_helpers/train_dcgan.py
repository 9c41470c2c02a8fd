"""Recipes of lesson 04: the DCGAN that ships, and films of what each of its parts is good for."""

import torch

from gan_helpers.accelerated import Order
from gan_helpers.batches import Batches
from gan_helpers.datasets.choice import check_judged, load_captioned, never_trained_on
from gan_helpers.datasets.food import load_food
from gan_helpers.films import film_tensors
from gan_helpers.hyperparameters import HYPERPARAMETERS, ConvolutionalGAN, Film
from gan_helpers.models import dcgan
from gan_helpers.models.dcgan import GAN, HINGE, resize_block
from gan_helpers.pixels import as_bytes
from gan_helpers.processes import is_main
from gan_helpers.runtime import place
from gan_helpers.watch import samples
from gan_helpers.ways import Way, play_way, with_hyperparameters
from gan_helpers.weights import load_shipped_pair

REFERENCE_SEED = 1  # other pictures of the same kinds: neither a GAN nor the reader was trained on them
JUDGED = 1000
SIZE, WIDTH = (getattr(HYPERPARAMETERS["dcgan"], name) for name in ("size", "width"))
PICTURES, FILM_SIZE, FILM_WIDTH = HYPERPARAMETERS["dcgan-films"]
FRAMES = (0, 50, 100, 200, 400, 700, 1000, 1300, 1650, 2000)  # after so many steps
FILM_SAMPLES = 8
SWITCHES = 16  # of the 100 random numbers

# What the lesson trains for five minutes at its end.
LIVE = with_hyperparameters(Way(generator={"switches": SWITCHES}), HYPERPARAMETERS["dcgan-live"])
RATES = LIVE.rates
# The same, slowing down, for 64 pixels and 18,000 steps: D won (loss_d 0.003 after 12,600), samples were alike.
LONG = with_hyperparameters(LIVE._replace(falling=True), HYPERPARAMETERS["dcgan-long"])
# What ships: with spectral normalisation and the hinge loss D stayed within reach for those 18,000 steps.
SHIPPED = with_hyperparameters(
    LONG._replace(
        generator={"block": resize_block, "switches": SWITCHES}, discriminator={"norm": "spectral"}, losses=HINGE
    ),
    HYPERPARAMETERS["dcgan"],
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


def train_dcgan(order: Order, chosen: ConvolutionalGAN) -> tuple[dict, dict]:
    """The DCGAN that ships: its networks by name (of G the average), and what the card says."""
    return _train_and_score(SHIPPED, order, chosen)


def train_long_dcgan(order: Order, chosen: ConvolutionalGAN) -> tuple[dict, dict]:
    """The same by the recipe of the lesson's five minutes, to be compared with: nothing that ships."""
    return _train_and_score(LONG, order, chosen)


def train_live_dcgan(order: Order, chosen: ConvolutionalGAN) -> tuple[dict, dict]:
    """What an attendee trains at the end of the lesson's section 6, for as many minutes: nothing that ships."""
    return _train_and_score(LIVE, order, chosen)


def _train_and_score(way: Way, order: Order, chosen: ConvolutionalGAN) -> tuple[dict, dict]:
    from gan_helpers.food_scores import FoodJudge, nearest_pictures  # the reader is itself a shipped weight

    way = with_hyperparameters(way, chosen)
    check_judged(chosen.data, size=chosen.size)
    food = load_captioned(chosen.data, n=chosen.pictures, size=chosen.size)
    nets = way.pair(chosen.size, chosen.width)
    untrained = _samples(nets.generator)
    batches = Batches(food.images, way.batch, seed=order.seed)
    steps, average = play_way(batches, dcgan.adversarial_step, nets, way, order, decay=chosen.decay or None)
    nets = nets if average is None else nets._replace(generator=average)
    if not is_main():
        return {}, {}
    others = never_trained_on(chosen.data, size=chosen.size, n=JUDGED, seed=REFERENCE_SEED).images
    judge = FoodJudge(others)
    untrained = judge(untrained)
    made = _samples(nets.generator)
    scores = judge(made)
    near, usual = (nearest_pictures(images, food.images)[0].mean().item() for images in (made, others))
    print(f"untrained {untrained}\ntrained   {scores}")
    print(f"nearest training picture {near:.1f}, that of other real ones {usual:.1f}")
    return nets._asdict(), {
        "steps": steps,
        "batch": way.batch,
        "average": chosen.decay,
        "scores": scores._asdict() | {"nearest training picture": near, "of other real ones": usual, "samples": JUDGED},
        "untrained": untrained._asdict(),
        "data": _data(chosen.size, len(food.images), chosen.data),
    }


def _samples(generator: torch.nn.Module) -> torch.Tensor:
    return samples(generator, dcgan.sample_z(JUDGED, next(generator.parameters())))


def train_dcgan_films(order: Order, chosen: Film = HYPERPARAMETERS["dcgan-films"]) -> tuple[dict, dict]:
    """A film of each of FILMS, 32 pixels, all from the same seed and for as many steps."""
    from gan_helpers.food_scores import FoodJudge

    food = load_food(n=chosen.pictures, size=chosen.size)
    judge = FoodJudge(load_food(n=JUDGED, size=chosen.size, seed=REFERENCE_SEED).images)
    films, scores = {}, {}
    for name, way in FILMS.items():
        torch.manual_seed(order.seed)
        nets = way.pair(chosen.size, chosen.width)
        z = dcgan.sample_z(JUDGED, next(nets.generator.parameters()))
        frames = {}

        def keep(step: int, frames=frames, nets=nets, z=z) -> None:
            if step in FRAMES:
                frames[step] = as_bytes(samples(nets.generator, z[:FILM_SAMPLES]))

        batches = Batches(food.images, way.batch, seed=order.seed)
        played = play_way(batches, dcgan.adversarial_step, nets, way, order, each_step=keep)
        films[name] = film_tensors(frames)
        if is_main():
            scores[name] = judge(samples(nets.generator, z))
            print(f"{name:20} {scores[name]}")
    return films, {
        "steps": played.steps,
        "batch": {name: way.batch for name, way in FILMS.items()},
        "scores": {name: score._asdict() for name, score in scores.items()} | {"samples": JUDGED},
        "data": _data(chosen.size, chosen.pictures),
    }


def _data(size: int, pictures: int, data: str = "food") -> str:
    if data == "coco":
        return f"{pictures:,} photos of COCO 2017, {size} pixels, split 'train'; scored against others"
    return (
        f"{pictures:,} drawn pictures of food, {size} pixels, split 'train', data seed 0; scored against {JUDGED:,} "
        f"others of data seed {REFERENCE_SEED}"
    )
