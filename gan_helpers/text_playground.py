"""The playground of lesson 05: a caption becomes pictures while it is typed; what lies between two; what fits what."""

import base64
import html
import re
from collections import Counter
from collections.abc import Callable

import torch

from gan_helpers.controls import answer_on_subshell
from gan_helpers.debounce import Debounced
from gan_helpers.food_scores import read_food
from gan_helpers.models.gan_cls import GAN, match_matrix
from gan_helpers.modes import evaluating
from gan_helpers.playground import between
from gan_helpers.plots.figures import encode_png
from gan_helpers.plots.images import enlarged_png, mosaic
from gan_helpers.plots.matches import show_match_matrix
from gan_helpers.super_resolution import upscale
from gan_helpers.text import EXAMPLE, completions, embed, nearest_caption, undrawn_words, what_is_drawn
from gan_helpers.text_to_image import seeded_z, shipped_text_gan
from gan_helpers.watch import samples
from gan_helpers.widgets import display_widget

SCREEN, LARGE_SCREEN = 320, 512  # pixels that the pictures together are shown at, at 64 pixels each and at 256
VARIATIONS = (1, 4, 9, 16)
WORDS = 5  # suggested
# The titles of tabs that are not open are fainter than can be read well, in either theme.
TAB_STYLE = "<style>.text-ways .lm-TabBar-tab { color: var(--jp-ui-font-color0) !important }</style>"
LARGEST_MATRIX = 6  # captions
MATRIX_CAPTIONS = (EXAMPLE, "a cheese pizza on a blue plate", "a mushroom pizza on a white plate",
                   "two florets of raw broccoli on a blue plate")  # fmt: skip


def text_playground(nets: GAN | None = None, *, caption: str = EXAMPLE, seed: int = 0) -> None:
    """Show a box for captions, the pictures that a GAN-CLS makes of them, and three more ways to explore it.

    `nets` is your own GAN(TextGenerator, TextDiscriminator), of any size; the shipped pair where None.
    """
    display_widget(TextPlayground(nets, caption=caption, seed=seed).box, "text playground: a caption becomes pictures")


class TextPlayground:
    """The widgets of `text_playground`, all in `box`. Only what ipywidgets 7.7 and 8 have in common."""

    def __init__(self, nets: GAN | None = None, *, caption: str = EXAMPLE, seed: int = 0):
        import ipywidgets as widgets

        self.nets = nets or shipped_text_gan()
        wide, narrow = {"width": "96%"}, {"description_width": "70px"}
        self.caption = widgets.Text(caption, description="caption", placeholder=EXAMPLE, layout=wide, style=narrow)
        self.words = [widgets.Button(layout={"width": "auto"}) for _ in range(WORDS)]
        self.known = widgets.Button(icon="magic", layout={"width": "auto", "display": "none"})
        self.said = widgets.HTML()
        self.seed = widgets.BoundedIntText(seed, min=0, max=999_999, description="seed", style=narrow)
        self.variations = widgets.Dropdown(options=VARIATIONS, value=4, description="pictures", style=narrow)
        self.others = widgets.Button(description="other pictures", icon="refresh", layout={"width": "auto"})
        self.larger = widgets.Checkbox(False, description="four times as large (lesson 06)", indent=False)
        # Beside a long list of what is seen a picture would be stretched to its height.
        own_size = {"align_self": "flex-start", "flex": "0 0 auto"}
        self.picture = widgets.Image(format="png", width=SCREEN, height=SCREEN, layout=own_size)
        self.seen = widgets.HTML()

        self.second = widgets.Text("two florets of raw broccoli on a blue plate", description="to", style=narrow,
                                   layout=wide)  # fmt: skip
        slider = {"min": 0.0, "max": 1.0, "step": 0.02, "style": {"description_width": "initial"}}
        self.share = widgets.FloatSlider(0.0, description="first ↔ second", **slider)
        self.right = widgets.FloatSlider(0.0, description="left ↔ right", **slider)
        self.down = widgets.FloatSlider(0.0, description="up ↕ down", **slider)
        self.captions = widgets.Textarea("\n".join(MATRIX_CAPTIONS), rows=LARGEST_MATRIX, layout=wide)
        self.compare = widgets.Button(description="score all pairs", icon="table", layout={"width": "auto"})
        self.matrix = widgets.Image(format="png")

        self._draw_soon = Debounced(self.draw)
        # A caption that is typed while the slider stands at the other one would change nothing.
        self.caption.observe(lambda _: setattr(self.share, "value", 0.0), "value")
        for control in (self.caption, self.seed, self.variations, self.larger, self.second, self.share, self.right,
                        self.down):  # fmt: skip
            control.observe(self._draw_soon, "value")
        for button in self.words:
            button.on_click(self._take_word)
        self.known.on_click(lambda _: setattr(self.caption, "value", nearest_caption(self.caption.value)))
        self.others.on_click(lambda _: setattr(self.seed, "value", (self.seed.value + 1) % self.seed.max))
        self.compare.on_click(lambda _: self._safely(self._draw_matrix))
        for widget in (self.caption, self.seed, self.variations, self.larger, self.second, self.share, self.right,
                       self.down, *self.words, self.known, self.others, self.compare):  # fmt: skip
            answer_on_subshell(widget)

        ways = widgets.Tab(
            [
                widgets.VBox([widgets.HTML("The text drives from the caption above to another one."),
                              self.second, self.share]),
                widgets.VBox([widgets.HTML("The caption stays; z walks between four corners."), self.right, self.down]),
                widgets.VBox([widgets.HTML(f"Up to {LARGEST_MATRIX} captions, one a line: a picture of each, and what "
                                           "D says of it with each of them."), self.captions, self.compare,
                              self.matrix]),
            ]
        )  # fmt: skip
        for number, title in enumerate(("two captions", "walk through z", "match matrix")):
            ways.set_title(number, title)
        below = widgets.VBox([widgets.HBox([self.seed, self.variations]), self.others, self.larger, self.seen])
        ways.add_class("text-ways")
        self.box = widgets.VBox([self.caption, widgets.HBox([*self.words, self.known]), self.said,
                                 widgets.HBox([self.picture, below]), widgets.HTML(TAB_STYLE), ways])  # fmt: skip
        self.draw()

    def draw(self) -> None:
        """Show what the controls ask for now; where a caption says nothing, say so and leave the picture."""
        self._safely(self._draw)

    def images(self) -> torch.Tensor:
        """The pictures that the controls ask for: (N, 3, H, W) float32 in [-1, 1]."""
        n = self.variations.value
        text = embed([self.caption.value])
        if self.share.value:
            text = torch.lerp(text, embed([self.second.value]), self.share.value)
        z = seeded_z(n, self.seed.value)
        if self.right.value or self.down.value:
            z = torch.cat([self._walked(one) for one in z])
        return samples(self.nets.generator, z, text.expand(n, -1))

    def _walked(self, start: torch.Tensor) -> torch.Tensor:
        """The z between `start` and three corners, as long as a z of its kind is: a mean of two would be too short."""
        corners = torch.cat([start.flatten()[None], seeded_z(3, self.seed.value + 1).flatten(1)])
        z = between(corners, self.right.value, self.down.value)
        length = between(corners.norm(dim=1, keepdim=True), self.right.value, self.down.value)
        return (z * length / z.norm())[:, :, None, None]

    def _draw(self) -> None:
        self._suggest()
        images = self.images()
        shown = upscale(images, "food") if self.larger.value else images
        screen = LARGE_SCREEN if self.larger.value else SCREEN
        columns = round(len(images) ** 0.5)
        self.picture.value = enlarged_png(mosaic(shown, columns).permute(2, 0, 1) * 2 - 1, screen=screen)
        self.picture.width = self.picture.height = str(screen)
        self.seen.value = f'<div role="status">{_summary(images)}<br>{self._link()}</div>'

    def _suggest(self) -> None:
        text = self.caption.value
        ends = [end.split()[-1] for end in completions(text, WORDS)]
        for button, end in zip(self.words, ends + [""] * WORDS, strict=False):
            button.description, button.layout.display = end, "" if end else "none"
        undrawn = undrawn_words(text)
        self.known.layout.display = "none"
        if not undrawn:
            self.said.value = ""
            return
        nearest = nearest_caption(text)
        named = f"<b>{html.escape(', '.join(undrawn))}</b>"
        self.said.value = f"<span style='color:#B00020'>not drawn: {named}.</span> {html.escape(what_is_drawn())}"
        self.known.description, self.known.layout.display = f"nearest caption: {nearest}", ""

    def _take_word(self, button) -> None:
        taken = [end for end in completions(self.caption.value, WORDS) if end.split()[-1] == button.description]
        if taken:
            self.caption.value = taken[0]

    def _link(self) -> str:
        """A link that saves the picture from the browser: no file of the kernel's, so no two of them in the way."""
        name = re.sub(r"[^a-z0-9]+", "-", self.caption.value.lower())[:60].strip("-") or "picture"
        data = base64.b64encode(self.picture.value).decode()
        return (
            f'<a download="{name}-{self.seed.value}.png" style="text-decoration: underline" '
            f'href="data:image/png;base64,{data}">save the picture</a>'
        )

    def _draw_matrix(self) -> None:
        captions = [line.strip() for line in self.captions.value.splitlines() if line.strip()]
        if not 2 <= len(captions) <= LARGEST_MATRIX:
            raise ValueError(f"two to {LARGEST_MATRIX} captions make a matrix, one a line; {len(captions)} came.")
        text, discriminator = embed(captions), self.nets.discriminator
        images = samples(self.nets.generator, seeded_z(len(captions), self.seed.value), text)
        where = next(discriminator.parameters()).device
        with evaluating(discriminator):
            logits = match_matrix(discriminator, images.to(where), text.to(where)).float().cpu()
        self.matrix.value = encode_png(show_match_matrix(images, captions, logits))

    def _safely(self, act: Callable[[], None]) -> None:
        """A callback's exception would vanish into a log: say it in the playground instead."""
        try:
            act()
        except (ValueError, TypeError) as error:
            self.said.value = f'<span role="alert" style="color:#B00020">{html.escape(str(error))}</span>'


def _summary(images: torch.Tensor) -> str:
    """What the reader sees in all of the images, attribute by attribute, the most frequent first."""
    foods, n = read_food(images).foods(), len(images)
    lines = []
    for name in ("food", "surface", "shape", "toppings", "count", "style"):
        seen = Counter(_in_words(getattr(food, name)) for food in foods if getattr(food, name) not in (None, ()))
        if seen:
            lines.append(f"<b>{name}</b> " + ", ".join(f"{what} {k}/{n}" for what, k in seen.most_common(3)))
    return f"A classifier, the reader, sees (in how many of {n}):<br>" + "<br>".join(lines or ["nothing it knows"])


def _in_words(value) -> str:
    return " and ".join(value) if isinstance(value, tuple) else str(value)
