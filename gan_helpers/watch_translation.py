"""What the live view of a translation training draws."""

from collections.abc import Callable

import torch
from matplotlib.axes import Axes

from gan_helpers.datasets.food.kinds import Pizzas
from gan_helpers.food_scores import read_food
from gan_helpers.pixels import as_floats
from gan_helpers.plots.images import images_in
from gan_helpers.translation import translated

SHOWN = 6  # pictures of each kind in the live view
READ = 60  # pictures of each kind that its sentence rests on


def watch_translation(nets, a: Pizzas | torch.Tensor, b: Pizzas | torch.Tensor) -> Callable[[Axes], str | None]:
    """For `training(show=...)`: draws pictures of both kinds, each translated, and there and back.

    `nets` is a GAN of BothGenerators and BothDiscriminators. `a` and `b` are pictures, (N, 3, H, W) uint8, or, of
    lesson 07, cheese pizzas and pepperoni pizzas, 60 or more of each: then it says what is read, too. No training step
    should see them.
    """
    readable = isinstance(a, Pizzas) and isinstance(b, Pizzas)
    a, b = (heap.images[:READ] if isinstance(heap, Pizzas) else heap[:SHOWN] for heap in (a, b))

    def show(ax: Axes) -> str | None:
        both = nets.generator
        to_b, to_a = translated(both.to_b, a), translated(both.to_a, b)
        back_a, back_b = translated(both.to_a, to_b[:SHOWN]), translated(both.to_b, to_a[:SHOWN])
        rows = [a[:SHOWN], to_b[:SHOWN], back_a, b[:SHOWN], to_a[:SHOWN], back_b]
        images_in(ax, as_floats(torch.cat(rows)), columns=SHOWN, title="A, as B, back; B, as A, back")
        if not readable:
            return None
        found = [
            sum(food.toppings == toppings for food in read_food(made).foods())
            for made, toppings in ((to_b, ("pepperoni",)), (to_a, ()))
        ]
        return (
            f"The reader finds pepperoni alone on {found[0]} of {READ} translated cheese pizzas, and nothing on "
            f"{found[1]} of {READ} translated pepperoni pizzas."
        )

    return show
