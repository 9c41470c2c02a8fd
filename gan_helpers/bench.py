"""Training speed, as ratios inside one run: the lesson's loop against the usual one."""

import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import torch
from PIL import Image
from torch.utils.data import DataLoader, Dataset

from gan_helpers.batches import Batches
from gan_helpers.datasets.digits import load_digits
from gan_helpers.datasets.food import load_food
from gan_helpers.models import dcgan, mlp_gan
from gan_helpers.models.mlp_gan import GAN, adam
from gan_helpers.runtime import ALL_THREADS, device, fast_layout, place, precision, threads_for, use_threads
from gan_helpers.speed import seconds_in_turns, wait_for
from gan_helpers.train import DIGIT_WIDTHS

USUAL = "the usual float32 loop"
DCGAN_SIZE, DCGAN_WIDTH, DCGAN_BATCH, DCGAN_PICTURES = 64, 64, 64, 1000


class Variant(NamedTuple):
    """One way to train: where batches come from, the pair and its optimizers, and the context of threads it runs in."""

    batches: Iterator[torch.Tensor]
    nets: GAN
    opts: GAN
    threads: Callable[[GAN], Any]


class _UsualDataset(Dataset):
    """Pictures as torchvision's data sets feed them: one at a time, through Pillow, ToTensor and Normalize."""

    def __init__(self, images: torch.Tensor):
        from torchvision import transforms

        self.images = images  # (N, H, W) or (N, H, W, 3) uint8
        self.transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize([0.5], [0.5])])

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, number: int) -> torch.Tensor:
        return self.transform(Image.fromarray(self.images[number].numpy()))


def _usual_batches(images: torch.Tensor, batch: int) -> Iterator[torch.Tensor]:
    loader = DataLoader(_UsualDataset(images), batch_size=batch, shuffle=True, drop_last=True)
    while True:
        for real in loader:
            yield real.to(device())


def _usual_adam(net: torch.nn.Module, learning_rate: float) -> torch.optim.Adam:
    return torch.optim.Adam(net.parameters(), learning_rate, betas=(0.5, 0.999))


def _to_device(net: torch.nn.Module) -> torch.nn.Module:
    return net.to(device())


def _all_threads(nets: GAN):
    return use_threads(ALL_THREADS)


def _mlp_gan_step(real: torch.Tensor, nets: GAN, opts: GAN) -> None:
    mlp_gan.discriminator_step(real, nets, opts)
    mlp_gan.generator_step(real, nets, opts)


def bench_mlp_gan(*, rounds: int = 5, steps: int = 60) -> dict:
    """Measure the MLP GAN of lesson 03 on digits, in batches of 128: real images a second.

    First the usual float32 loop with torchvision's transforms, Dataset, DataLoader and Adam; then the course's data
    path, its fused Adam, its precision and its number of threads come in one after the other. Returns what `_compare`
    does.
    """
    images, batch = load_digits().images, 128

    def gan(put: Callable, optimizer: Callable) -> tuple[GAN, GAN]:
        generator = put(mlp_gan.build_generator(784, DIGIT_WIDTHS[0], batchnorm=True))
        discriminator = put(mlp_gan.build_discriminator(784, DIGIT_WIDTHS[1], dropout=0.3))
        return GAN(generator, discriminator), GAN(optimizer(generator, 2e-4), optimizer(discriminator, 2e-4))

    usual = (real.flatten(1) for real in _usual_batches(images[:, 0], batch))
    ours = iter(Batches(images.flatten(1), batch, device=device()).next, None)
    variants = {
        USUAL: Variant(usual, *gan(_to_device, _usual_adam), _all_threads),
        "+ batches from memory": Variant(ours, *gan(_to_device, _usual_adam), _all_threads),
        "+ fused Adam": Variant(ours, *gan(_to_device, adam), _all_threads),
        f"+ {precision()}": Variant(ours, *gan(place, adam), _all_threads),
        "+ a core left free: the lesson": Variant(ours, *gan(place, adam), threads_for),
    }
    return _compare("MLP GAN on digits", variants, _mlp_gan_step, batch, rounds, steps)


def bench_dcgan(*, rounds: int = 5, steps: int = 60) -> dict:
    """Measure the DCGAN of lesson 04: 64 pixels, width 64, batches of 64; real images a second.

    As `bench_mlp_gan`; between fused Adam and the precision comes the layout that convolutions are fastest in. Beside
    the comparison, "peak" says what share of the machine's own matrix products the lesson's step reaches, and where
    its time goes.
    """
    images = load_food(n=DCGAN_PICTURES, size=DCGAN_SIZE).images

    def gan(put: Callable, optimizer: Callable) -> tuple[GAN, GAN]:
        nets = GAN(
            put(dcgan.build_generator(DCGAN_SIZE, DCGAN_WIDTH)), put(dcgan.build_discriminator(DCGAN_SIZE, DCGAN_WIDTH))
        )
        return nets, GAN(*(optimizer(net, 2e-4) for net in nets))

    ours = iter(Batches(images, DCGAN_BATCH, device=device()).next, None)
    lesson = Variant(ours, *gan(place, adam), threads_for)
    variants = {
        USUAL: Variant(_usual_batches(images.movedim(1, 3), DCGAN_BATCH), *gan(_to_device, _usual_adam), _all_threads),
        "+ batches from memory": Variant(ours, *gan(_to_device, _usual_adam), _all_threads),
        "+ fused Adam": Variant(ours, *gan(_to_device, adam), _all_threads),
        "+ channels last": Variant(ours, *gan(lambda net: fast_layout(_to_device(net)), adam), _all_threads),
        f"+ {precision()}: the lesson": lesson,
    }
    results = _compare("DCGAN on drawn food", variants, dcgan.adversarial_step, DCGAN_BATCH, rounds, steps)
    return results | {"peak": _share_of_peak(lesson)}


def _compare(model: str, variants: dict[str, Variant], step: Callable, batch: int, rounds: int, steps: int) -> dict:
    """The speeds of `variants`, which take turns in each of the `rounds`: a busy machine slows all of them.

    Returns the medians, their ratios to the usual loop, and every round. Raises ValueError unless both numbers are
    above 0.
    """
    if rounds < 1 or steps < 1:
        raise ValueError(f"rounds and steps should be 1 or more, not {rounds} and {steps}.")
    seconds = {name: [] for name in variants}
    for number in range(-1, rounds):  # round -1 warms up
        for name, variant in variants.items():
            with variant.threads(variant.nets):
                took = _time(variant, step, min(5, steps) if number < 0 else steps)
            if number >= 0:
                seconds[name].append(took)
    speeds = {name: [batch * steps / took for took in rounds_] for name, rounds_ in seconds.items()}
    usual = statistics.median(speeds[USUAL])
    return {
        "model": model,
        "device": str(device()),
        "threads": ALL_THREADS,
        "rounds": rounds,
        "steps": steps,
        "batch": batch,
        "variants": {
            name: {
                "images_a_second": statistics.median(values),
                "times_the_usual": statistics.median(values) / usual,
                "rounds": values,
            }
            for name, values in speeds.items()
        },
    }


def _time(variant: Variant, step: Callable, steps: int) -> float:
    began = time.perf_counter()
    for _, real in zip(range(steps), variant.batches, strict=False):
        step(real, variant.nets, variant.opts)
    wait_for(device())
    return time.perf_counter() - began


KINDS = {  # the beginnings of operators' names, as torch's profiler writes them
    "convolutions": ("aten::mkldnn_convolution", "aten::convolution", "aten::cudnn_convolution", "aten::_conv",
                     "aten::thnn_conv", "aten::slow_conv"),
    "batch normalisation": ("aten::native_batch_norm", "aten::cudnn_batch_norm", "aten::batch_norm"),
    "Adam": ("aten::_fused_adam",),
    "copies and conversions": ("aten::copy_", "aten::index_select", "aten::_to_copy", "aten::clone"),
}  # fmt: skip


def _share_of_peak(variant: Variant) -> dict:
    """How near the step comes to the machine's fastest matrix products, and the shares of its time by kind of work.

    Step and product take turns, and the best of each counts: how busy the machine is should not change the share.
    """
    from torch.profiler import ProfilerActivity, profile
    from torch.utils.flop_counter import FlopCounterMode

    def step() -> None:
        dcgan.adversarial_step(next(variant.batches), variant.nets, variant.opts)

    with FlopCounterMode(display=False) as counter:
        step()
    n, dtype = 2048, torch.bfloat16 if precision() == "bfloat16" else torch.float32
    a, b = (torch.randn(n, n, device=device()).to(dtype) for _ in range(2))
    with variant.threads(variant.nets):
        seconds = seconds_in_turns({"step": step, "product": lambda: a @ b}, device(), at_least=0.5)
        with profile(activities=[ProfilerActivity.CPU]) as profiler:
            for _ in range(5):
                step()
    work, peak = counter.get_total_flops() / seconds["step"], 2 * n**3 / seconds["product"]  # operations a second
    spent = {event.key: event.self_cpu_time_total for event in profiler.key_averages()}
    shares = {
        kind: sum(time for name, time in spent.items() if name.startswith(names)) / sum(spent.values())
        for kind, names in KINDS.items()
    }
    return {
        "matrix_peak_gflops": peak / 1e9,
        "step_gflops": work / 1e9,
        "share_of_peak": work / peak,
        "time": shares | {"everything else": 1 - sum(shares.values())},
    }


def table(results: dict) -> str:
    """The results of one model as text, a line a variant."""
    lines = [
        f"{results['model']}, {results['device']}, {results['threads']} threads, "
        f"median of {results['rounds']} rounds of {results['steps']} steps of {results['batch']}",
        f"{'':32}{'images/s':>10}{'ratio':>8}",
    ]
    for name, values in results["variants"].items():
        lines.append(f"{name:32}{values['images_a_second']:10,.0f}{values['times_the_usual']:8.2f}")
    if "peak" in results:
        peak = results["peak"]
        lines.append(
            f"the lesson's step makes {peak['step_gflops']:,.0f} of {peak['matrix_peak_gflops']:,.0f} GFLOP/s that "
            f"matrix products of 2048 reach here: {peak['share_of_peak']:.0%}"
        )
        lines.append("its time: " + ", ".join(f"{kind} {share:.0%}" for kind, share in peak["time"].items()))
    return "\n".join(lines)
