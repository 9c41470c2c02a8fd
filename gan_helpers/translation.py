"""Pictures through a translator, and scores of what came of them: lesson 07."""

from typing import NamedTuple

import torch

from gan_helpers.datasets.food.kinds import Pizzas
from gan_helpers.food_scores import read_food
from gan_helpers.modes import evaluating
from gan_helpers.pixels import as_bytes, as_floats
from gan_helpers.runtime import ALL_THREADS, use_threads

PART = 100  # pictures translated at a time


@torch.no_grad()
def translated(translator: torch.nn.Module, images: torch.Tensor) -> torch.Tensor:
    """What `translator` makes of `images`, (N, 3, H, W) uint8 or float in [-1, 1]: the same shape, uint8.

    The translator's train or eval mode stays as it was. Raises ValueError for another shape, or sides that 4 does not
    divide.
    """
    if images.ndim != 4 or images.shape[1] != 3 or any(side % 4 for side in images.shape[2:]):
        raise ValueError(f"images should be (N, 3, H, W), H and W multiples of 4, not {tuple(images.shape)}.")
    where = next(translator.parameters()).device
    with evaluating(translator), use_threads(ALL_THREADS):
        return torch.cat([as_bytes(translator(as_floats(part).to(where)).cpu()) for part in images.split(PART)])


class TranslationScores(NamedTuple):
    """Scores of translated pizzas.

    `target`, `surface`, `shape`: the shares in [0, 1] in which the reader finds the toppings that were wanted, and the
    surface and the shape that were drawn. `outside`: how far the pixels outside the pizza's rim are from those that
    went in; `bare`: how far all pixels are from those of the same pizza without toppings, which the drawing knows. Both
    are mean absolute differences in levels, of 255.
    """

    target: float
    surface: float
    shape: float
    outside: float
    bare: float

    def __str__(self) -> str:
        return (
            f"reads as wanted {self.target:4.0%}  surface kept {self.surface:4.0%}  shape kept {self.shape:4.0%}  "
            f"outside the rim {self.outside:4.1f}  from the bare pizza {self.bare:4.1f} levels"
        )


def score_translation(made: torch.Tensor, pizzas: Pizzas, topping: str | None) -> TranslationScores:
    """How well `made`, (N, 3, H, W) uint8 or float in [-1, 1], are the `pizzas` with `topping`, or None, on them.

    Raises ValueError where there are not as many, or not of the same size.
    """
    if made.shape != pizzas.images.shape:
        raise ValueError(
            f"made should hold one picture for each pizza, {tuple(pizzas.images.shape)}, not {tuple(made.shape)}."
        )
    made = as_bytes(as_floats(made))
    found = read_food(made).foods()
    wanted = () if topping is None else (topping,)
    pairs = list(zip(found, pizzas.foods, strict=True))
    return TranslationScores(
        target=_share(one.toppings == wanted for one in found),
        surface=_share(one.surface == drawn.surface for one, drawn in pairs),
        shape=_share(one.shape == drawn.shape for one, drawn in pairs),
        outside=levels_apart(made, pizzas.images, ~pizzas.room),
        bare=levels_apart(made, pizzas.bare),
    )


def levels_apart(first: torch.Tensor, second: torch.Tensor, where: torch.Tensor | None = None) -> float:
    """The mean absolute difference of two sets of pictures, (N, 3, H, W) uint8, in levels of 255.

    Over all pixels, or over those in `where`, (N, H, W) bool.
    """
    apart = (first.float() - second.float()).abs().mean(1)  # (N, H, W)
    return (apart if where is None else apart[where]).mean().item()


def _share(values) -> float:
    values = list(values)
    return sum(values) / len(values)


def noisy(images: torch.Tensor, deviation: float, *, seed: int = 0) -> torch.Tensor:
    """`images`, uint8, with normal noise of so many levels of 255 added to each pixel: the same shape, uint8.

    What a translator hides in a picture, too faint to see, is lost in it (Chu et al. 2017). Raises ValueError for a
    deviation below 0.
    """
    if deviation < 0:
        raise ValueError(f"the noise should be 0 or more levels, not {deviation!r}.")
    noise = torch.randn(images.shape, generator=torch.Generator().manual_seed(seed))
    return (images + deviation * noise).round().clamp(0, 255).to(torch.uint8)


def places_kept(back: torch.Tensor, pizzas: Pizzas) -> float:
    """How well the pepperoni in `back`, (N, 3, H, W) uint8, lies where it lies on the `pizzas`: 1 for the same places.

    The correlation of how much redder than green each pixel is, where toppings can lie. It is not 0 for slices that
    were put on without knowing the places: they, too, lie inside the rim.
    """
    redder = [(images[:, 0].float() - images[:, 1].float())[pizzas.room] for images in (back, pizzas.images)]
    return torch.corrcoef(torch.stack(redder))[0, 1].item()
