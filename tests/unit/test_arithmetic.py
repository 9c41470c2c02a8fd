"""Arithmetic in latent space, on a generator whose concepts are known: z decides the picture by its first number."""

import pytest
import torch
from torch import nn

from gan_helpers.arithmetic import latent_arithmetic, latent_concepts, random_z
from gan_helpers.datasets.food import load_food
from gan_helpers.datasets.food.attributes import FOODS, SURFACES


class Chooser(nn.Module):
    """Gives a real picture of pizza where z[0] > 0, else one of broccoli; whatever else z says."""

    def __init__(self):
        super().__init__()
        food = load_food(n=60)
        images = food.images.float() / 127.5 - 1
        kinds = [one.food for one in food.foods]
        self.register_buffer("pizza", images[kinds.index("pizza")])
        self.register_buffer("broccoli", images[kinds.index("broccoli")])
        self.weight = nn.Parameter(torch.zeros(1))

    def forward(self, z):
        return torch.where((z[:, 0] > 0)[:, None, None, None], self.pizza, self.broccoli)


@pytest.fixture(scope="module")
def generator():
    return Chooser()


def test_the_means_differ_where_the_generator_looks_and_nowhere_else(generator):
    concepts = latent_concepts(generator, n=400)
    assert set(concepts) <= {*FOODS, *SURFACES} and {"pizza", "broccoli"} <= set(concepts)
    direction = concepts["pizza"] - concepts["broccoli"]
    assert direction[0].item() == pytest.approx(1.0, abs=0.1)  # means of the upper and the lower half of [-1, 1]
    assert direction[1:].abs().max() < 0.3


def test_the_same_seed_gives_the_same_z():
    assert torch.equal(random_z(3, 5), random_z(3, 5)) and not torch.equal(random_z(3, 5), random_z(3, 6))
    assert random_z(50, 0).abs().max() <= 1


def test_the_sliders_take_a_pizza_to_broccoli(generator):
    import ipywidgets

    latent_arithmetic(generator, latent_concepts(generator, n=200), seed=0)
    live = list(ipywidgets.Widget.widgets.values())
    take, add = (next(w for w in live if getattr(w, "description", "") == word) for word in ("take away", "add"))
    amount = next(w for w in live if getattr(w, "description", "") == "how much")
    seen = next(w for w in live if isinstance(w, ipywidgets.HTML) and "The reader sees" in w.value)
    start = "pizza" if random_z(1, 0)[0, 0] > 0 else "broccoli"
    other = {"pizza": "broccoli", "broccoli": "pizza"}[start]
    take.value, add.value, amount.value = start, other, 3.0
    before, after = seen.value.split("→")
    assert start in before and other in after


def test_too_few_concepts_are_named(generator):
    with pytest.raises(ValueError, match="two or more, not 1"):
        latent_arithmetic(generator, {"pizza": torch.zeros(100)})
