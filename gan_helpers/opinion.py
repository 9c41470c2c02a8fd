"""A blind vote: how good does each enlargement look? The attendee's own mean opinion score, beside PSNR."""

import torch

from gan_helpers.plots.images import enlarged_png
from gan_helpers.widgets import display_widget

TRIED = 6  # places that one to be voted on is chosen from
GRADES = (1, 2, 3, 4, 5)  # from bad to excellent (Ledig et al. 2017, section 3.3)


class Vote:
    """Cuts of the same places by every method, in random order; the grades given so far.

    `cuts` (N, 3, size, size) float32 in [-1, 1]; `methods`, the N names of what made each; `grades`, those of the first
    ones. Places are chosen in the last of the pictures, which should be the original.
    """

    def __init__(self, pictures: dict[str, torch.Tensor], *, places: int = 3, size: int = 96, seed: int = 0):
        height, width = next(iter(pictures.values())).shape[1:]
        if any(picture.shape[1:] != (height, width) for picture in pictures.values()) or min(height, width) < size:
            raise ValueError(f"pictures should be of one size, {size} pixels or more wide and high.")
        chance = torch.Generator().manual_seed(seed)
        cuts, methods = [], []
        for _ in range(places):
            top, left = _place_with_detail(next(reversed(pictures.values())), size, chance)
            for name, picture in pictures.items():
                cuts.append(picture[:, top : top + size, left : left + size])
                methods.append(name)
        order = torch.randperm(len(cuts), generator=chance).tolist()
        self.cuts = torch.stack([cuts[number] for number in order])
        self.methods = [methods[number] for number in order]
        self.grades: list[int] = []

    @property
    def over(self) -> bool:
        """Whether all cuts are graded."""
        return len(self.grades) == len(self.cuts)

    def grade(self, grade: int) -> None:
        """Say how good the cut under way looks, one of GRADES."""
        if grade not in GRADES:
            raise ValueError(f"a grade is one of {GRADES}, not {grade!r}.")
        if not self.over:
            self.grades.append(grade)

    def scores(self) -> dict[str, float]:
        """The mean opinion score of each method, best first; of those graded so far."""
        given: dict[str, list[int]] = {}
        for method, grade in zip(self.methods, self.grades, strict=False):
            given.setdefault(method, []).append(grade)
        means = {method: sum(grades) / len(grades) for method, grades in given.items()}
        return dict(sorted(means.items(), key=lambda pair: -pair[1]))


def _place_with_detail(picture: torch.Tensor, size: int, chance: torch.Generator) -> tuple[int, int]:
    """(top, left) of the one of TRIED random places at which `picture` varies most: of a blurred wall all are alike."""
    height, width = picture.shape[1:]
    found = []
    for _ in range(TRIED):
        top, left = (int(torch.randint(length - size + 1, (), generator=chance)) for length in (height, width))
        cut = picture[:, top : top + size, left : left + size]
        found.append((cut.diff(dim=1).abs().mean().item() + cut.diff(dim=2).abs().mean().item(), (top, left)))
    return max(found)[1]


def vote(pictures: dict[str, torch.Tensor], beside: dict[str, float] | None = None, *, seed: int = 0) -> None:
    """Show the vote: one cut after the other with five buttons, at the end the mean opinion score of each method.

    `pictures` by method, (3, H, W) float32 in [-1, 1], all of one size; `beside`, method -> PSNR, shown at the end.
    "Again" cuts elsewhere.
    """
    import ipywidgets

    picture, said = ipywidgets.Image(format="png"), ipywidgets.HTML()
    buttons = [ipywidgets.Button(description=str(grade), layout={"width": "48px"}) for grade in GRADES]
    again = ipywidgets.Button(description="again", icon="refresh", layout={"width": "90px"})
    state = {"seed": seed, "vote": Vote(pictures, seed=seed)}

    def draw() -> None:
        current = state["vote"]
        for button in buttons:
            button.disabled = current.over
        if current.over:
            rows = "".join(
                f"<tr><td>{name}</td><td>{mean:.1f}</td><td>{_decibels((beside or {}).get(name))}</td></tr>"
                for name, mean in current.scores().items()
            )
            head = "<tr><th>made by</th><th>your mean opinion</th><th>PSNR</th></tr>"
            picture.layout.display = "none"  # the last one, of which nobody says who made it
            style = "<style>.opinions th, .opinions td { text-align: left; padding-right: 1.5em }</style>"
            said.value = f'{style}<div role="status"><table class="opinions">{head}{rows}</table></div>'
        else:
            picture.layout.display = None
            picture.value = enlarged_png(current.cuts[len(current.grades)], screen=384)
            n = f"Picture {len(current.grades) + 1} of {len(current.cuts)}"
            said.value = f'<div role="status">{n}: how good does it look, from 1 (bad) to 5 (excellent)?</div>'

    def grade(button) -> None:
        state["vote"].grade(int(button.description))
        draw()

    def deal(button) -> None:
        state["seed"] += 1
        state["vote"] = Vote(pictures, seed=state["seed"])
        draw()

    for button in buttons:
        button.on_click(grade)
    again.on_click(deal)
    draw()
    box = ipywidgets.HBox([picture, ipywidgets.VBox([said, ipywidgets.HBox(buttons), again])])
    display_widget(box, "a blind vote: which enlargement looks best?")


def _decibels(value: float | None) -> str:
    return "" if value is None else f"{value:.1f} dB" if value != float("inf") else "infinite"
