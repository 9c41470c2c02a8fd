"""What a small GAN with each planted fault looks like in numbers, over several seeds.

    python scripts/measure_faults.py [--steps 1500] [--seeds 0 1 2] [--json FILE]

A table of symptoms (see gan_helpers/symptoms.py), a row for each fault and seed. One thread: the networks are small.
"""

import argparse
import json
from pathlib import Path

import torch

from gan_helpers.batches import Batches
from gan_helpers.faults import BATCH, FAULTS, exhibit, small_digits
from gan_helpers.models.mlp_gan import LATENT
from gan_helpers.symptoms import Symptoms, examine

JUDGED = 500  # real samples and fakes


def symptoms_of(fault: str | None, seed: int, steps: int) -> Symptoms:
    """Those after so many steps of a new GAN."""
    real, nets, opts, step = exhibit(fault, seed=seed)
    batches, losses = Batches(real, BATCH, seed=seed), []
    for _ in range(steps):
        losses.append(torch.stack(step(batches.next(), nets, opts)))
    z = torch.rand(JUDGED, LATENT, generator=torch.Generator().manual_seed(seed)) * 2 - 1
    return examine(small_digits("held-out")[::2][:JUDGED], nets, z, torch.stack(losses))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=1500)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the rows there, too")
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    rows = []
    print(f"{'fault':24}{'seed':>5}" + "".join(f"{name:>10}" for name in Symptoms._fields))
    for fault in (None, *FAULTS):
        for seed in chosen.seeds:
            found = symptoms_of(fault, seed, chosen.steps)
            rows.append({"fault": fault, "seed": seed, "steps": chosen.steps} | found._asdict())
            print(f"{fault or 'healthy':24}{seed:5}" + "".join(f"{value:10.3f}" for value in found), flush=True)
    if chosen.json:
        chosen.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
