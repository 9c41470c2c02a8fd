"""Arithmetic in latent space: directions that change one thing in the picture (Radford et al. 2016, section 6.3.2)."""

from collections import defaultdict

import torch

from gan_helpers.datasets.food.attributes import FOODS, SURFACES
from gan_helpers.food_scores import read_food
from gan_helpers.models.mlp_gan import LATENT
from gan_helpers.plots.images import enlarged_png
from gan_helpers.runtime import fewer
from gan_helpers.watch import samples
from gan_helpers.widgets import display_widget

FURTHEST = 3.0  # times the difference of two means


def latent_concepts(generator, *, n: int = 1000, seed: int = 0) -> dict[str, torch.Tensor]:
    """The mean z of each food and each surface that the reader surely finds in `n` samples: name -> (LATENT,).

    Radford et al. 2016, section 6.3.2, average three samples chosen by eye; here the reader of food chooses, and all it
    chooses count. The means of all foods, or of all surfaces, differ only by what `generator` does with z. `seed`
    decides the z, uniform in [-1, 1]. What is found less than three times is left out. At pace "ci" a fifth of `n`.
    """
    z = random_z(fewer(n), seed)
    reading = read_food(samples(generator, z))
    found = defaultdict(list)
    for row, codes in zip(z[reading.sure()], reading.codes[reading.sure()].tolist(), strict=True):
        found[FOODS[codes[0] - 1]].append(row)
        found[SURFACES[codes[1] - 1]].append(row)
    names = [name for name in (*FOODS, *SURFACES) if len(found[name]) >= 3]
    return {name: torch.stack(found[name]).mean(0) for name in names}


def random_z(n: int, seed: int) -> torch.Tensor:
    """The same `n` random z for the same seed: (n, LATENT) float32, uniform in [-1, 1]."""
    return torch.rand(n, LATENT, generator=torch.Generator().manual_seed(seed)) * 2 - 1


def latent_arithmetic(generator, concepts: dict[str, torch.Tensor], *, seed: int = 0) -> None:
    """Show a sample, two concepts to take away and to add, and a slider for how much of their difference.

    `concepts` are those of `latent_concepts`; the picture is that of z + amount * (added - taken away). Raises
    ValueError for fewer than two concepts.
    """
    if len(concepts) < 2:
        raise ValueError(f"concepts should hold two or more, not {len(concepts)}: train the generator longer.")
    import ipywidgets

    names, style = list(concepts), {"description_width": "90px"}
    take = ipywidgets.Dropdown(options=names, value=names[0], description="take away", style=style)
    add = ipywidgets.Dropdown(options=names, value=names[1], description="add", style=style)
    amount = ipywidgets.FloatSlider(0.0, min=0, max=FURTHEST, step=0.1, description="how much", style=style)
    again = ipywidgets.Button(description="another sample", icon="refresh", layout={"width": "auto"})
    before, after = ipywidgets.Image(format="png"), ipywidgets.Image(format="png")
    seen = ipywidgets.HTML()
    state = {"seed": seed}

    def draw(change=None) -> None:
        z = random_z(1, state["seed"])
        moved = z + amount.value * (concepts[add.value] - concepts[take.value])
        pictures = samples(generator, torch.cat([z, moved]))
        before.value, after.value = enlarged_png(pictures[0]), enlarged_png(pictures[1])
        found = [f"{food.food} on {food.surface}" for food in read_food(pictures).foods()]
        seen.value = f'<div role="status">The reader sees: {found[0]} → {found[1]}</div>'

    def take_another(button) -> None:
        state["seed"] += 1
        draw()

    for control in (take, add, amount):
        control.observe(draw, "value")
    again.on_click(take_another)
    draw()
    pictures = ipywidgets.HBox([before, ipywidgets.HTML("<b>→</b>", layout={"margin": "auto 8px"}), after])
    controls = ipywidgets.VBox([take, add, amount, again, seen])
    display_widget(ipywidgets.HBox([pictures, controls]), "latent arithmetic: take away, add, and how much")
