"""Training steps a second of GAN-CLS with one and two processes on this machine's processors, and where the time goes.

Each row trains the networks that ship, 64 pixels, on random pictures in batches of 32; rows take turns, so that what
else runs on the machine slows all of them. Prints medians, and each beside one process with all cores.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from collections import defaultdict

ROUNDS, STEPS, WARM = 3, 12, 3


def work() -> None:
    """One process of a row: train, and print seconds in all and by part."""
    import torch

    from gan_helpers import processes
    from gan_helpers.accelerated import Order, play
    from gan_helpers.batches import Batches
    from gan_helpers.models import gan_cls
    from gan_helpers.models.text_encoder import FEATURES
    from gan_helpers.processes import is_main, join_processes
    from gan_helpers.train_gan_cls import SHIPPED, SIZE, WIDTH

    join_processes()
    torch.manual_seed(0)
    images = torch.randint(256, (256, 3, SIZE, SIZE), dtype=torch.uint8)
    text = torch.randn(256, FEATURES)
    nets = SHIPPED.pair(SIZE, WIDTH)
    opts = SHIPPED.optimizers(nets)
    spent, began = defaultdict(float), [time.perf_counter()]

    def timed(name, function):
        def call(*given, **more):
            start = time.perf_counter()
            try:
                return function(*given, **more)
            finally:
                spent[name] += time.perf_counter() - start

        return call

    def turns(rows, nets, opts, *, backward):
        wrongs = SHIPPED.dealt["wrongs"]
        batch = gan_cls.Captioned(images[rows].float() / 127.5 - 1, text[rows], text[rows.roll(1)].repeat(wrongs, 1))
        loss_d, loss_g = gan_cls.adversarial_step(
            batch, nets, opts, SHIPPED.losses, backward=timed("backward", backward), **SHIPPED.step
        )
        return {"loss_d": loss_d, "loss_g": loss_g}

    def look(step: int) -> None:
        if step == WARM:
            spent.clear()
            began[0] = time.perf_counter()

    own = processes.Turns._mean_of
    processes.Turns._mean_of = timed("average gradients", own)
    order = Order(WARM + STEPS, 30.0)
    play(Batches(images, SHIPPED.batch), turns, nets, opts, order, rows=True, each_step=look)
    if is_main():
        print(json.dumps({"all": time.perf_counter() - began[0], **spent}))


ROWS = {
    "1 process, 1 core": (1, 1),
    "1 process, all cores": (1, os.cpu_count() or 1),
    "2 processes, half of the cores each": (2, max(1, (os.cpu_count() or 1) // 2)),
}


def main() -> None:
    measured = defaultdict(list)
    for _ in range(ROUNDS):
        for name, (count, threads) in ROWS.items():
            launcher = ["-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={count}"] if count > 1 else []
            env = os.environ | {"OMP_NUM_THREADS": str(threads)}
            command = [sys.executable, *launcher, __file__, "work"]
            done = subprocess.run(command, check=True, capture_output=True, text=True, env=env)
            measured[name].append(json.loads(done.stdout.splitlines()[-1]))
    rates = {name: STEPS / statistics.median(one["all"] for one in some) for name, some in measured.items()}
    for name, some in measured.items():
        middle = sorted(some, key=lambda one: one["all"])[len(some) // 2]
        whole = middle.pop("all")
        parts = "  ".join(f"{part} {share / whole:.0%}" for part, share in middle.items())
        ratio = rates[name] / rates["1 process, all cores"]
        print(f"{name:36} {rates[name]:5.2f} steps/s  {ratio:4.2f} times  {parts}")


if __name__ == "__main__":
    work() if sys.argv[1:] == ["work"] else main()
