"""Draws docs/digits.png, the picture of the README, from the shipped weights: python scripts/make_readme_picture.py"""

from pathlib import Path

import torch

from gan_helpers.models.mlp_gan import sample_z
from gan_helpers.plots.figures import DPI, new_figure
from gan_helpers.plots.images import images_in
from gan_helpers.train import digit_gan
from gan_helpers.watch import samples
from gan_helpers.weights import load_shipped

COLUMNS, ROWS = 10, 5


def main() -> None:
    generator = digit_gan(batchnorm=True)[0].generator
    load_shipped(generator, "mlp_gan_generator")
    torch.manual_seed(0)
    digits = samples(generator, sample_z(COLUMNS * ROWS, torch.empty(0)))
    figure, (left, right) = new_figure(9.0, 2.4, "noise and digits", columns=2)
    images_in(left, torch.rand(COLUMNS * ROWS, 784) * 2 - 1, columns=COLUMNS)
    images_in(right, digits, columns=COLUMNS)
    path = Path(__file__).parents[1] / "docs" / "digits.png"
    path.parent.mkdir(exist_ok=True)
    figure.savefig(path, dpi=DPI)


if __name__ == "__main__":
    main()
