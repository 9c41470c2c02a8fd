"""A map of the text encoder's embeddings: which captions lie near each other, and where does mine lie?"""

import html
from collections.abc import Callable
from typing import NamedTuple

import torch

from gan_helpers.controls import answer_on_subshell
from gan_helpers.datasets.food.attributes import Food, every_food
from gan_helpers.debounce import Debounced
from gan_helpers.plots.embeddings import show_embeddings
from gan_helpers.plots.figures import encode_png
from gan_helpers.text import EXAMPLE, embed, known_captions, known_embeddings, nearest_captions
from gan_helpers.widgets import display_widget

NEAREST = 3


def _lone_topping(food: Food) -> str | None:
    """The topping of a pizza with one; "cheese" alone is one too."""
    if food.food == "broccoli" or len(food.toppings) > 1:
        return None
    return food.toppings[0] if food.toppings else "cheese"


# What the captions can be sorted by: name -> the class of a combination, None for none.
SORTED_BY: dict[str, Callable[[Food], object]] = {
    "food": lambda food: food.food,
    "surface": lambda food: food.surface,
    "shape": lambda food: food.shape,
    "topping, of pizzas with one": _lone_topping,
    "count": lambda food: food.count,
    "style": lambda food: food.style,
}


class EmbeddingMap(NamedTuple):
    """A plane through the embeddings: `centre` (F,), two `axes` (2, F); where N captions lie in it, `points` (N, 2).

    `classes` are the names of what they are sorted by, `labels` (N,) int64 the class of each; `captions` their texts.
    """

    centre: torch.Tensor
    axes: torch.Tensor
    points: torch.Tensor
    classes: list[str]
    labels: torch.Tensor
    captions: list[str]

    def place(self, text: str) -> torch.Tensor:
        """Where another caption lies in the plane: (2,). Raises ValueError for one that says nothing."""
        return (embed([text])[0] - self.centre) @ self.axes.T


def embedding_map(sorted_by: str = "food") -> EmbeddingMap:
    """The plane in which the means of the classes lie furthest apart: their first two principal axes.

    `sorted_by` is a key of SORTED_BY; captions of no class are left out. Raises KeyError, naming them, for another one.
    """
    if sorted_by not in SORTED_BY:
        raise KeyError(f"captions can be sorted by {', '.join(map(repr, SORTED_BY))}, not {sorted_by!r}.")
    of = [SORTED_BY[sorted_by](food) for food in every_food()]
    rows = [row for row, one in enumerate(of) if one is not None]
    classes = list(dict.fromkeys(of[row] for row in rows))
    labels = torch.tensor([classes.index(of[row]) for row in rows])
    embeddings = known_embeddings()[rows]
    means = torch.stack([embeddings[labels == k].mean(0) for k in range(len(classes))])
    centre = means.mean(0)
    axes = torch.linalg.svd(means - centre, full_matrices=False).Vh[:2]
    captions = [known_captions()[row] for row in rows]
    return EmbeddingMap(centre, axes, (embeddings - centre) @ axes.T, list(map(str, classes)), labels, captions)


def explore_embeddings(caption: str = EXAMPLE) -> None:
    """Show the map, what it is sorted by, and a box for a caption: where it lies, and which known ones lie nearest."""
    import ipywidgets

    by = ipywidgets.Dropdown(options=list(SORTED_BY), description="sorted by", style={"description_width": "70px"})
    box = ipywidgets.Text(caption, description="caption", layout={"width": "96%"}, style={"description_width": "70px"})
    picture, said = ipywidgets.Image(format="png"), ipywidgets.HTML()

    def draw() -> None:
        try:
            drawn, near = embedding_map(by.value), nearest_captions(box.value, NEAREST)
            figure = show_embeddings(drawn.points, drawn.labels, drawn.classes, mark=drawn.place(box.value))
        except ValueError as error:
            said.value = f'<span role="alert" style="color:#B00020">{html.escape(str(error))}</span>'
            return
        picture.value = encode_png(figure)
        lines = "<br>".join(f"{cosine:.2f} {html.escape(text)}" for text, cosine in near)
        said.value = f'<div role="status">Nearest of {len(known_captions()):,} captions (cosine):<br>{lines}</div>'

    draw_soon = Debounced(draw)
    for control in (by, box):
        control.observe(draw_soon, "value")
        answer_on_subshell(control)
    draw()
    display_widget(ipywidgets.VBox([box, by, picture, said]), "embedding map: a caption, and what the map is sorted by")
