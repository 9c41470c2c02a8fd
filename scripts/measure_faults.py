"""What a small GAN with each planted fault looks like in numbers, over several seeds.

    python scripts/measure_faults.py [--faults healthy "no noise"] [--seeds 0 1 2] [--into FILE]

A table of symptoms (see gan_helpers/symptoms.py), a row for each fault and seed. The rows that ship, of
gan_helpers/symptoms_measured.json, are those of all faults with the seeds 0 to 2 and 300 to 304, and of healthy
trainings with the seeds 0 to 19 and 300 to 339. One thread: the networks are small, and more give other roundings.
"""

import argparse
import json
from pathlib import Path

from gan_helpers.faults import FAULTS
from gan_helpers.museum import trained
from gan_helpers.museum_labels import NO_FAULT
from gan_helpers.symptoms import STEPS, Symptoms


def merge(rows: list[dict], into: Path) -> None:
    """Write `rows` into a file; of those in it, those of the same fault and seed are replaced."""
    known = json.loads(into.read_text(encoding="utf-8")) if into.exists() else []
    whole = {(row["fault"], row["seed"]): row for row in (*known, *rows)}
    names = [NO_FAULT, *FAULTS]
    ordered = sorted(whole.values(), key=lambda row: (names.index(row["fault"]), row["seed"]))
    into.write_text("[\n" + ",\n".join(json.dumps(row) for row in ordered) + "\n]\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    names = [NO_FAULT, *FAULTS]
    parser.add_argument("--faults", nargs="+", default=names, choices=names, metavar="NAME")
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--into", type=Path, metavar="FILE", help="write the rows there, too, beside others")
    chosen = parser.parse_args()
    rows = []
    print(f"{'fault':24}{'seed':>5}" + "".join(f"{name:>10}" for name in Symptoms._fields))
    for fault in chosen.faults:
        for seed in chosen.seeds:
            _, found = trained(fault, seed=seed, steps=chosen.steps)
            numbers = {name: round(value, 4) for name, value in found._asdict().items()}
            rows.append({"fault": fault, "seed": seed, "steps": chosen.steps} | numbers)
            print(f"{fault:24}{seed:5}" + "".join(f"{value:10.3f}" for value in found), flush=True)
    if chosen.into:
        merge(rows, chosen.into)


if __name__ == "__main__":
    main()
