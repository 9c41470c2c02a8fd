"""Recipes of lesson 07: two translators between cheese pizzas and pepperoni pizzas, from pictures without pairs.

"cyclegan-free" is without cycle and identity loss: what breaks then.
"""

from typing import NamedTuple

import torch

from gan_helpers.accelerated import Order, play
from gan_helpers.batches import Batches
from gan_helpers.datasets.food.kinds import load_pizzas
from gan_helpers.datasets.pictures import load_pictures
from gan_helpers.hyperparameters import HYPERPARAMETERS, Translation
from gan_helpers.models.cyclegan import (
    GAN,
    BothDiscriminators,
    BothGenerators,
    Pair,
    PatchDiscriminator,
    Translator,
    adam,
    translation_step,
)
from gan_helpers.pairs import set_learning_rate
from gan_helpers.processes import is_main
from gan_helpers.runtime import place
from gan_helpers.translation import levels_apart, noisy, score_translation, translated
from gan_helpers.ways import falling_rate
from gan_helpers.weights import load_shipped_pair

TOPPING = "pepperoni"
JUDGED, JUDGED_SEED = 500, 1  # pizzas of each kind that the scores rest on, and that no training sees
NOISES = (0.0, 1.0, 2.0, 4.0, 8.0)  # levels


class Translators(NamedTuple):
    """The two networks that ship together."""

    to_b: Translator
    to_a: Translator


class Size(NamedTuple):
    """How wide and deep the translators are, how wide the discriminators, and how often these halve the picture."""

    width: int
    blocks: int
    discriminator: int
    halvings: int

    def translator(self) -> Translator:
        """A new one, over its input."""
        return Translator(self.width, self.blocks, over_input=True)

    def pair(self) -> GAN:
        """Both translators and both discriminators, new."""
        judges = (PatchDiscriminator(self.discriminator, self.halvings) for _ in range(2))
        return GAN(BothGenerators(self.translator(), self.translator()), BothDiscriminators(*judges))


def size_of(chosen: Translation) -> Size:
    """How wide and deep the networks are."""
    return Size(chosen.width, chosen.blocks, chosen.width_d, chosen.halvings)


SHIPPED = size_of(HYPERPARAMETERS["cyclegan"])


def load_shipped_translators(both: BothGenerators, name: str = "cyclegan") -> None:
    """Put the shipped weights "cyclegan" or "cyclegan_free" into `both`, and say so.

    Raises KeyError and ValueError as `weights.load_shipped` does.
    """
    load_shipped_pair(Translators(both.to_b, both.to_a), name)


def shipped_translators(name: str = "cyclegan") -> BothGenerators:
    """The translators that ship, to pepperoni (`to_b`) and to cheese (`to_a`), ready to use on the fastest device.

    "cyclegan", or "cyclegan_free", which were trained without cycle and identity loss.
    """
    both = BothGenerators(SHIPPED.translator(), SHIPPED.translator())
    load_shipped_translators(both, name)
    return place(both).eval()


def unpaired(chosen: Translation) -> torch.Tensor:
    """As many pictures of each kind, (N, 2, 3, size, size) uint8: what stands together is no pair.

    Cheese pizzas and pepperoni pizzas, or those of two folders. Raises ValueError for one folder alone, and what
    `load_pictures` raises.
    """
    if bool(chosen.a) != bool(chosen.b):
        raise ValueError("two folders are needed, --set a=FOLDER and --set b=FOLDER; one came.")
    if chosen.a:
        heaps = [load_pictures(folder, size=chosen.size)[: chosen.pictures] for folder in (chosen.a, chosen.b)]
    else:
        heaps = [load_pizzas(kind, n=chosen.pictures, size=chosen.size).images for kind in (None, TOPPING)]
    fewer = min(map(len, heaps))
    return torch.stack([heap[:fewer] for heap in heaps], 1)


def train_translators(order: Order, chosen: Translation) -> tuple[BothGenerators, int]:
    """Two translators, to pepperoni (`to_b`) and to cheese (`to_a`), and the number of steps."""
    torch.manual_seed(order.seed)
    nets = size_of(chosen).pair()
    opts = GAN(adam(nets.generator, chosen.rate), adam(nets.discriminator, chosen.rate_d))
    kept = Pair([], [])

    def turns(real, nets, opts, *, backward) -> dict[str, torch.Tensor]:
        weights = (chosen.cycle, chosen.identity)
        loss_d, loss_g = translation_step(real, nets, opts, kept, weights=weights, backward=backward)
        return {"loss_d": loss_d, "loss_g": loss_g}

    def fall(done: int) -> None:
        set_learning_rate(opts.generator, falling_rate(chosen.rate, done, order.steps))
        set_learning_rate(opts.discriminator, falling_rate(chosen.rate_d, done, order.steps))

    batches = Batches(unpaired(chosen), chosen.batch, seed=order.seed)
    played = play(batches, turns, nets, opts, order, decay=chosen.decay or None, each_step=fall)
    return (played.average or nets.generator).eval(), played.steps


def scores_of(both: BothGenerators, size: int) -> dict[str, dict]:
    """What the translators make of pizzas they never saw, beside the pizzas as they are and those drawn that way."""
    cheese = load_pizzas(None, n=JUDGED, size=size, seed=JUDGED_SEED)
    full = load_pizzas(TOPPING, n=JUDGED, size=size, seed=JUDGED_SEED)
    scores = {
        "to pepperoni": score_translation(translated(both.to_b, cheese.images), cheese, TOPPING),
        "to cheese": score_translation(translated(both.to_a, full.images), full, None),
        "cheese, untouched": score_translation(cheese.images, cheese, TOPPING),
        "pepperoni, untouched": score_translation(full.images, full, None),
        "pepperoni, drawn": score_translation(full.images, full, TOPPING),
        "cheese, drawn": score_translation(full.bare, full, None),
    }
    bare = translated(both.to_a, full.images)
    hidden = {noise: levels_apart(translated(both.to_b, noisy(bare, noise)), full.images) for noise in NOISES}
    return {name: score._asdict() for name, score in scores.items()} | {"there and back, by noise": hidden}


def train_cyclegan(order: Order, chosen: Translation) -> tuple[dict, dict]:
    """The two translators that ship, and their scores."""
    both, steps = train_translators(order, chosen)
    if not is_main():
        return {}, {}
    if chosen.a:  # of other pictures nobody knows what the right answer were
        about = {"steps": steps, "scores": {}, "data": f"the pictures of {chosen.a} and of {chosen.b}"}
        return Translators(both.to_b, both.to_a)._asdict(), about
    scores = scores_of(both, chosen.size)
    for name, values in scores.items():
        print(f"{name:24} " + "  ".join(f"{key} {value:.3f}" for key, value in values.items()))
    data = f"{chosen.pictures:,} drawn pizzas with cheese and as many with {TOPPING}, {chosen.size} pixels, seed 0"
    return Translators(both.to_b, both.to_a)._asdict(), {"steps": steps, "scores": scores, "data": data}
