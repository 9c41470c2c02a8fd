"""What the live view of a training cell draws, and what a run records."""

import textwrap
from collections.abc import Callable

import torch
from matplotlib.axes import Axes

from gan_helpers.caption_match import caption_match
from gan_helpers.captioned import caption_table
from gan_helpers.datasets.food import FoodPictures
from gan_helpers.datasets.food.dataset import CAPTIONS
from gan_helpers.digit_scores import CONFIDENT, read_digits
from gan_helpers.food_scores import read_food
from gan_helpers.metrics import density_and_coverage
from gan_helpers.modes import evaluating
from gan_helpers.plots.images import images_in
from gan_helpers.plots.plane import draw_plane, plane_frame
from gan_helpers.text import embed_characters
from gan_helpers.verdict import diagnose

COLUMNS = 7  # the live picture shows a square of samples
JUDGED = 500  # samples a verdict or a record rests on
READ = 150  # samples the reader of food looks at for the live view
ROWS, ACROSS = 4, 6  # captions in the live picture, and samples of each
LETTERS = 48  # of a caption that fit above them
PART = 250  # samples made at a time


def watch_plane(real: torch.Tensor, nets, z: torch.Tensor) -> Callable[[Axes], str]:
    """For `training(show=...)`: draws a GAN of the plane (see `plot_plane`) and returns the verdict in words."""

    def show(ax: Axes) -> str:
        draw_plane(ax, real, plane_frame(nets, z), arrows=0)
        return str(diagnose(real[:JUDGED], nets, z[:JUDGED]))

    return show


def watch_digits(real: torch.Tensor, nets, z: torch.Tensor) -> Callable[[Axes], str]:
    """For `training(show=...)`: draws the samples of the same `z` each time and returns the verdict in words.

    `real` is (N, 784), uint8 or float32 in [-1, 1]; `z` (M, LATENT), 500 rows or more.
    """
    judge_by = _some(real).to(z.device)

    def show(ax: Axes) -> str:
        images_in(ax, samples(nets.generator, z[: COLUMNS**2]), columns=COLUMNS)
        return str(diagnose(judge_by, nets, z[:JUDGED]))

    return show


def quality_of_digits(real: torch.Tensor, nets, z: torch.Tensor) -> Callable[[], dict[str, float]]:
    """For `training(record=...)`: of the samples of `z`, the share read; of the real ones, the share covered."""
    judge_by = _some(real)

    def record() -> dict[str, float]:
        fake = samples(nets.generator, z[:JUDGED])
        _, confidence = read_digits(fake)
        return {
            "read with confidence": (confidence > CONFIDENT).float().mean().item(),
            "real ones covered": density_and_coverage(judge_by, fake).coverage,
        }

    return record


def watch_food(nets, z: torch.Tensor) -> Callable[[Axes], str]:
    """For `training(show=...)`: draws the samples of the same `z` each time and says in how many food can be read."""

    def show(ax: Axes) -> str:
        made = samples(nets.generator, z[:READ])
        images_in(ax, made[: COLUMNS**2], columns=COLUMNS)
        reading = read_food(made)
        kinds = {tuple(codes[:2]) for codes in reading.codes[reading.sure()].tolist()}
        return (
            f"The reader finds food and surface in {reading.sure().float().mean():.0%} of {len(made)} samples, "
            f"{len(kinds)} pairs of the two."
        )

    return show


def watch_captions(nets, pictures: FoodPictures, z: torch.Tensor) -> Callable[[Axes], str]:
    """For `training(show=...)`: draws some captions of `pictures`, each with several z, and says what the reader finds.

    `z` is (M, LATENT, 1, 1): as many captions are judged, one of each picture. The sentence is the caption match (see
    `caption_match`) of what they state.
    """
    table = caption_table(pictures)
    rows, which = torch.arange(len(z)), torch.arange(len(z)) % CAPTIONS
    text, codes, stated = embed_characters(table.texts[rows, which]), table.codes[rows], table.stated[rows, which]
    names = [pictures.captions(row)[row % CAPTIONS].text for row in range(ROWS)]

    def show(ax: Axes) -> str:
        drawn = samples(nets.generator, z[: ROWS * ACROSS], text[:ROWS].repeat_interleave(ACROSS, 0))
        size = drawn.shape[-1]
        above = round(0.34 * size)  # white, for the caption
        images_in(ax, torch.nn.functional.pad(drawn, (0, 0, above, 0), value=1.0), columns=ACROSS)
        for row, name in enumerate(names):
            caption = textwrap.shorten(name, LETTERS, placeholder=" …")
            ax.text(0, row * (size + above + 1) + 0.85 * above, caption, size=8.7, parse_math=False)
        match = caption_match(samples(nets.generator, z, text), codes, stated)
        found = ", ".join(f"{name} {share:.0%}" for name, share in match.items() if share == share)
        return f"Of what {len(z)} captions say the reader finds: {found}."

    return show


@torch.no_grad()
def samples(generator: torch.nn.Module, z: torch.Tensor, *text: torch.Tensor) -> torch.Tensor:
    """What `generator` makes of `z` in eval mode, on the processor; the generator's mode stays as it was.

    `z` is (N, Z), or (N, Z, 1, 1) as a convolutional generator takes it, which gets the first in that form too. A
    generator that draws what a text says gets `text`, (N, F), beside it. Raises ValueError for NaN in what is given.
    """
    for name, given in zip(("z", "text"), (z, *text), strict=False):
        if not torch.isfinite(given).all():
            raise ValueError(
                f"{name} holds NaN or infinite numbers, of which nothing can be drawn: look where it is made."
            )
    first = next(generator.parameters())
    if first.ndim == 4 and z.ndim == 2:
        z = z[:, :, None, None]
    parts = zip(*(given.split(PART) for given in (z, *text)), strict=True)
    with evaluating(generator):
        return torch.cat([generator(*(one.to(first.device) for one in part)).float().cpu() for part in parts])


def _some(real: torch.Tensor) -> torch.Tensor:
    """JUDGED rows spread evenly over `real`, as float32 in [-1, 1]."""
    rows = real[torch.linspace(0, len(real) - 1, JUDGED).long()]
    return rows.float() / 127.5 - 1 if rows.dtype == torch.uint8 else rows
