"""A blind game: real or fake? Scored against the discriminator, which sees the same pictures."""

import torch

from gan_helpers.modes import evaluating
from gan_helpers.plots.figures import Picture, encode_png
from gan_helpers.plots.images import enlarged_png, show_images
from gan_helpers.watch import samples
from gan_helpers.widgets import display_widget


class Game:
    """Pictures in random order, half of them real; what was answered, and what D says of each.

    `images` (N, 3, H, W) float32 in [-1, 1]; `is_real` (N,) bool; `d_says_real` (N,) bool, D's logit above 0;
    `answers`, what the player said so far, True for real.
    """

    def __init__(self, real: torch.Tensor, nets, *, rounds: int = 12, seed: int = 0):
        if rounds < 2 or rounds % 2 or rounds // 2 > len(real):
            raise ValueError(f"rounds should be even, 2 to {2 * len(real)}; {rounds} came.")
        chance = torch.Generator().manual_seed(seed)
        half = rounds // 2
        shown = real[torch.randperm(len(real), generator=chance)[:half]]
        shown = shown.float() / 127.5 - 1 if shown.dtype == torch.uint8 else shown
        z = torch.rand(half, next(nets.generator.parameters()).shape[0], generator=chance) * 2 - 1
        order = torch.randperm(rounds, generator=chance)
        self.images = torch.cat([shown, samples(nets.generator, z)])[order]
        self.is_real = (torch.arange(rounds) < half)[order]
        where = next(nets.discriminator.parameters()).device
        with torch.no_grad(), evaluating(nets.discriminator):
            self.d_says_real = nets.discriminator(self.images.to(where)).cpu() > 0
        self.answers: list[bool] = []

    def answer(self, real: bool) -> None:
        """Say what the picture under way is."""
        if not self.over:
            self.answers.append(real)

    @property
    def over(self) -> bool:
        """Whether all pictures are answered."""
        return len(self.answers) == len(self.images)

    def scores(self) -> tuple[int, int]:
        """How many the player has right, and how many of the same ones D has."""
        n = len(self.answers)
        yours = (torch.tensor(self.answers, dtype=torch.bool) == self.is_real[:n]).sum().item()
        return yours, (self.d_says_real[:n] == self.is_real[:n]).sum().item()

    def answered(self) -> Picture:
        """A figure of the pictures answered so far, the real ones first, with who was right about each."""
        n = len(self.answers)
        right = torch.stack([torch.tensor(self.answers), self.d_says_real[:n]], 1) == self.is_real[:n, None]
        order = self.is_real[:n].argsort(descending=True, stable=True)
        labels = ["you {}  D {}".format(*("✗✓"[one] for one in row)) for row in right[order].tolist()]
        return show_images(self.images[:n][order], columns=len(self.images) // 2, labels=labels)


def real_or_fake(real: torch.Tensor, nets, *, rounds: int = 12, seed: int = 0) -> None:
    """Show the game: one picture after the other with two buttons, and at the end who was right how often.

    `real` (N, 3, H, W), uint8 or float32 in [-1, 1], as large as what `nets` makes; half of the `rounds` pictures come
    from there. "Again" deals others. Raises ValueError for an odd number of rounds, or more than there are pictures.
    """
    import ipywidgets

    picture, said = ipywidgets.Image(format="png"), ipywidgets.HTML()
    buttons = [ipywidgets.Button(description=word, layout={"width": "90px"}) for word in ("real", "fake")]
    again = ipywidgets.Button(description="again", icon="refresh", layout={"width": "90px"})
    state = {"seed": seed, "game": Game(real, nets, rounds=rounds, seed=seed)}

    def draw() -> None:
        game = state["game"]
        for button in buttons:
            button.disabled = game.over
        if game.over:
            yours, ds = game.scores()
            picture.value = encode_png(game.answered())
            said.value = (
                f'<div role="status"><b>You: {yours} of {rounds} right. D: {ds} of {rounds}.</b><br>'
                "Above the real ones, below the fakes, and who was right about each. By guessing one gets half.</div>"
            )
        else:
            picture.value = enlarged_png(game.images[len(game.answers)])
            said.value = f'<div role="status">Picture {len(game.answers) + 1} of {rounds}: real or fake?</div>'

    def answer(button) -> None:
        state["game"].answer(button.description == "real")
        draw()

    def deal(button) -> None:
        state["seed"] += 1
        state["game"] = Game(real, nets, rounds=rounds, seed=state["seed"])
        draw()

    for button in buttons:
        button.on_click(answer)
    again.on_click(deal)
    draw()
    display_widget(ipywidgets.HBox([picture, ipywidgets.VBox([said, *buttons, again])]), "a game: real or fake?")
