"""What is explored after training: walks through latent space."""

import torch

from gan_helpers.models.mlp_gan import LATENT
from gan_helpers.plots.figures import Picture
from gan_helpers.plots.images import enlarged_png, show_images
from gan_helpers.watch import samples
from gan_helpers.widgets import display_widget

SCREEN = 224  # pixels the walked image is shown at


def corners(seed: int) -> torch.Tensor:
    """Four latent points to walk between: (4, LATENT) float32, uniform in [-1, 1], the same for the same seed."""
    return torch.rand(4, LATENT, generator=torch.Generator().manual_seed(seed)) * 2 - 1


def between(four: torch.Tensor, right: float, down: float) -> torch.Tensor:
    """The latent point (1, Z) at (`right`, `down`), each in [0, 1], between `four` corners (4, Z), row by row.

    Bilinear, so it stays in the cube [-1, 1]^Z that the corners come from.
    """
    above = torch.lerp(four[0], four[1], right)
    below = torch.lerp(four[2], four[3], right)
    return torch.lerp(above, below, down)[None]


def latent_map(generator, *, seed: int = 0, side: int = 8) -> Picture:
    """A figure of `side` x `side` samples between four latent corners: neighbours in z lie side by side."""
    places = torch.linspace(0, 1, side)
    z = torch.cat([between(corners(seed), float(right), float(down)) for down in places for right in places])
    return show_images(samples(generator, z), columns=side, title="a sheet through latent space")


def latent_walk(generator, *, seed: int = 0) -> None:
    """Show two sliders that walk between four samples of `generator`, and a button that takes four others.

    For a generator of images: (N, LATENT) -> (N, H * W) or (N, C, H, W) in [-1, 1].
    """
    import ipywidgets

    style = {"description_width": "initial"}
    right = ipywidgets.FloatSlider(0.0, min=0, max=1, step=0.02, description="left ↔ right", style=style)
    down = ipywidgets.FloatSlider(0.0, min=0, max=1, step=0.02, description="up ↕ down", style=style)
    again = ipywidgets.Button(description="four other corners", icon="refresh", layout={"width": "auto"})
    screen = ipywidgets.Image(format="png", width=SCREEN, height=SCREEN)
    state = {"seed": seed, "corners": corners(seed)}

    def draw(change=None) -> None:
        made = samples(generator, between(state["corners"], right.value, down.value))
        screen.value = enlarged_png(made[0], screen=SCREEN)

    def take_others(button) -> None:
        state["seed"] += 1
        state["corners"] = corners(state["seed"])
        draw()

    for slider in (right, down):
        slider.observe(draw, "value")
    again.on_click(take_others)
    draw()
    display_widget(ipywidgets.HBox([screen, ipywidgets.VBox([right, down, again])]), "latent walk: two sliders")
