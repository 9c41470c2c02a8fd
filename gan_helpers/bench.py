"""Training speed, as ratios inside one run: the lesson's loop against the usual one."""

import statistics
import time
from collections.abc import Callable, Iterator

import torch
from PIL import Image
from torch.utils.data import DataLoader, Dataset

from gan_helpers.batches import Batches
from gan_helpers.datasets.digits import load_digits
from gan_helpers.datasets.torchvision_import import import_torchvision
from gan_helpers.models.mlp_gan import (
    GAN,
    adam,
    build_discriminator,
    build_generator,
    discriminator_step,
    generator_step,
)
from gan_helpers.runtime import ALL_THREADS, device, place, precision, threads_for, use_threads
from gan_helpers.train import DIGIT_WIDTHS

BATCH = 128
USUAL = "the usual float32 loop"


class _UsualDataset(Dataset):
    """Digits as torchvision's MNIST feeds them: one at a time, through Pillow, ToTensor and Normalize."""

    def __init__(self, images: torch.Tensor):
        import_torchvision()
        from torchvision import transforms

        self.images = images  # (N, 28, 28) uint8
        self.transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize([0.5], [0.5])])

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, number: int) -> torch.Tensor:
        return self.transform(Image.fromarray(self.images[number].numpy()))


def _usual_batches(images: torch.Tensor) -> Iterator[torch.Tensor]:
    loader = DataLoader(_UsualDataset(images), batch_size=BATCH, shuffle=True, drop_last=True)
    while True:
        for real in loader:
            yield real.flatten(1).to(device())


def _gan(put: Callable, optimizer: Callable) -> tuple[GAN, GAN]:
    generator = put(build_generator(784, DIGIT_WIDTHS[0], batchnorm=True))
    discriminator = put(build_discriminator(784, DIGIT_WIDTHS[1], dropout=0.3))
    return GAN(generator, discriminator), GAN(optimizer(generator, 2e-4), optimizer(discriminator, 2e-4))


def _usual_adam(net: torch.nn.Module, learning_rate: float) -> torch.optim.Adam:
    return torch.optim.Adam(net.parameters(), learning_rate, betas=(0.5, 0.999))


def _to_device(net: torch.nn.Module) -> torch.nn.Module:
    return net.to(device())


def bench_mlp_gan(*, rounds: int = 5, steps: int = 60) -> dict:
    """Measure the MLP GAN of lesson 03 on digits: real images a second (one step of D and one of G for each batch).

    The variants take turns in each of the `rounds`, so that a busy machine slows all of them. First the usual float32
    loop with torchvision's transforms, Dataset, DataLoader and Adam; then the course's data path, its fused Adam, its
    precision and its number of threads come in one after the other. Returns the medians, their ratios to the usual
    loop, and every round.
    Raises ValueError unless both numbers are above 0.
    """
    if rounds < 1 or steps < 1:
        raise ValueError(f"rounds and steps should be 1 or more, not {rounds} and {steps}.")
    images = load_digits().images

    def all_threads(nets):
        return use_threads(ALL_THREADS)

    ours = iter(Batches(images.flatten(1), BATCH, device=device()).next, None)
    variants = {  # name -> batches, networks, optimizers, and the context of threads they train in
        USUAL: (_usual_batches(images[:, 0]), *_gan(_to_device, _usual_adam), all_threads),
        "+ batches from memory": (ours, *_gan(_to_device, _usual_adam), all_threads),
        "+ fused Adam": (ours, *_gan(_to_device, adam), all_threads),
        f"+ {precision()}": (ours, *_gan(place, adam), all_threads),
        "+ a core left free: the lesson": (ours, *_gan(place, adam), threads_for),
    }
    seconds = {name: [] for name in variants}
    for number in range(-1, rounds):  # round -1 warms up
        for name, (batches, nets, opts, threads) in variants.items():
            with threads(nets):
                took = _time(batches, nets, opts, 5 if number < 0 else steps)
            if number >= 0:
                seconds[name].append(took)
    speeds = {name: [BATCH * steps / took for took in rounds_] for name, rounds_ in seconds.items()}
    usual = statistics.median(speeds[USUAL])
    return {
        "model": "mlp_gan",
        "device": str(device()),
        "threads": ALL_THREADS,
        "rounds": rounds,
        "steps": steps,
        "variants": {
            name: {
                "images_a_second": statistics.median(values),
                "times_the_usual": statistics.median(values) / usual,
                "rounds": values,
            }
            for name, values in speeds.items()
        },
    }


def _time(batches, nets: GAN, opts: GAN, steps: int) -> float:
    began = time.perf_counter()
    for _, real in zip(range(steps), batches, strict=False):
        discriminator_step(real, nets, opts)
        generator_step(real, nets, opts)
    if device().type == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter() - began


def table(results: dict) -> str:
    """The results of `bench_mlp_gan` as text, a line a variant."""
    lines = [
        f"MLP GAN on digits, {results['device']}, {results['threads']} threads, "
        f"median of {results['rounds']} rounds of {results['steps']} steps",
        f"{'':32}{'images/s':>10}{'ratio':>8}",
    ]
    for name, values in results["variants"].items():
        lines.append(f"{name:32}{values['images_a_second']:10,.0f}{values['times_the_usual']:8.2f}")
    return "\n".join(lines)
