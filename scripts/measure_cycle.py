"""What the cycle loss and the identity loss are worth: translators of lesson 07 with and without them, over seeds.

    python scripts/measure_cycle.py [--steps 1000] [--seeds 0 1 2] [--weights 10,5 0,0]

A row for each pair of weights (of the cycle loss, of the identity loss) and each seed, on 500 pizzas of each kind that
no training saw. About ten minutes a row on one core.
"""

import argparse
import math

from gan_helpers.accelerated import Order
from gan_helpers.hyperparameters import HYPERPARAMETERS
from gan_helpers.train_cyclegan import scores_of, train_translators

SHOWN = {
    "to pepperoni": ("target", "surface", "shape", "outside"),
    "to cheese": ("target", "surface", "shape", "outside", "bare"),
}


def weights(text: str) -> tuple[float, float]:
    """ "10,5" as (10.0, 5.0)."""
    cycle, identity = map(float, text.split(","))
    return cycle, identity


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--weights", type=weights, nargs="+", default=[(10.0, 5.0), (0.0, 0.0)], metavar="CYCLE,ID")
    chosen = parser.parse_args()
    for way in SHOWN:
        print(f"{way}: {', '.join(SHOWN[way])}")
    for seed in chosen.seeds:
        for cycle, identity in chosen.weights:
            asked = HYPERPARAMETERS["cyclegan"]._replace(cycle=cycle, identity=identity)
            both, _ = train_translators(Order(chosen.steps, math.inf, seed), asked)
            scores = scores_of(both, asked.size)
            numbers = "   ".join(
                f"{way} " + " ".join(f"{scores[way][name]:7.3f}" for name in names) for way, names in SHOWN.items()
            )
            print(f"cycle {cycle:g} identity {identity:g} seed {seed}   {numbers}", flush=True)


if __name__ == "__main__":
    main()
