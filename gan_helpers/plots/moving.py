"""Films with a slider of their own, playable without a kernel or a network."""

from collections.abc import Callable

import matplotlib
import matplotlib.animation

from gan_helpers.films import Film
from gan_helpers.plots.figures import Picture, new_figure
from gan_helpers.plots.images import images_in


class MovingPicture:
    """A film of training: HTML with its own slider, and a text form that says how many frames there are."""

    def __init__(self, html: str, frames: int):
        self.html, self.frames = html, frames

    def _repr_html_(self) -> str:
        return self.html

    def __repr__(self) -> str:
        return f"film of {self.frames} frames"


def moving_picture(figure: Picture, draw: Callable[[int], None], frames: int, seconds_a_frame: float) -> MovingPicture:
    """The film that `draw(number)` draws into `figure`, frame by frame."""
    moving = matplotlib.animation.FuncAnimation(
        figure, draw, frames=frames, interval=1000 * seconds_a_frame, init_func=lambda: None
    )
    # JPEG at 72 dots an inch: a film of thirty frames stays under a megabyte.
    with matplotlib.rc_context({"animation.frame_format": "jpeg", "savefig.dpi": 72}):
        return MovingPicture(moving.to_jshtml(default_mode="once"), frames)


def show_films(films: dict[str, Film], *, seconds_a_frame: float = 0.8) -> MovingPicture:
    """Stored films one above the other, under one slider: a row of samples each, the same inputs in every frame.

    `films` maps what a row should be called to its film. Raises ValueError unless all were recorded at the same steps.
    """
    steps = [film.steps for film in films.values()]
    if not films or any(other != steps[0] for other in steps):
        raise ValueError(f"films should be one or more, recorded at the same steps; these were at {steps}.")
    samples = max(film.frames.shape[1] for film in films.values())
    height = len(films) * (8.4 / samples + 0.3)
    figure, axes = new_figure(8.4, height, f"films: {', '.join(films)}", rows=len(films))

    def draw(number: int) -> None:
        for ax, (name, film) in zip(axes, films.items(), strict=True):
            ax.clear()
            images_in(ax, film.frames[number], columns=samples, title=f"{name}, step {film.steps[number]:,}")

    return moving_picture(figure, draw, len(steps[0]), seconds_a_frame)
