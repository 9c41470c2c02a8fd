"""The game of real or fake: a fair deal, and fair scores."""

import pytest
import torch
from torch import nn

from gan_helpers.models.dcgan import GAN, LATENT, build_generator
from gan_helpers.real_or_fake import Game, real_or_fake

REAL = torch.full((20, 3, 16, 16), 200, dtype=torch.uint8)


class BrightIsReal(nn.Module):
    """A discriminator that calls a picture real when its mean is above 0: right about REAL, and about fakes near 0."""

    def __init__(self, bias: float = -0.3):
        super().__init__()
        self.bias = nn.Parameter(torch.tensor(bias))

    def forward(self, images):
        return images.mean((1, 2, 3)) + self.bias


def nets(bias: float = -0.3) -> GAN:
    torch.manual_seed(0)
    return GAN(build_generator(16, 4), BrightIsReal(bias))


def test_half_are_real_and_nothing_tells_where():
    game = Game(REAL, nets(), rounds=12)
    assert game.images.shape == (12, 3, 16, 16) and game.is_real.sum() == 6
    assert torch.allclose(game.images[game.is_real], torch.tensor(200 / 127.5 - 1))
    orders = {tuple(Game(REAL, nets(), rounds=12, seed=seed).is_real.tolist()) for seed in range(8)}
    assert len(orders) > 4


def test_the_same_seed_deals_the_same():
    a, b = (Game(REAL, nets(), rounds=8, seed=3) for _ in range(2))
    assert torch.equal(a.images, b.images) and torch.equal(a.is_real, b.is_real)


def test_scores_count_what_was_right_for_both():
    game = Game(REAL, nets(), rounds=8)
    for is_real in game.is_real.tolist():
        assert not game.over
        game.answer(is_real)
    assert game.over and game.scores() == (8, 8)
    game.answer(True)  # too late
    assert len(game.answers) == 8
    credulous = Game(REAL, nets(bias=5.0), rounds=8)
    for is_real in credulous.is_real.tolist():
        credulous.answer(not is_real)
    assert credulous.scores() == (0, 4)
    marks = [ax.get_xlabel() for ax in credulous.answered().axes]
    assert marks == ["you ✗  D ✓"] * 4 + ["you ✗  D ✗"] * 4  # real ones first


def test_it_leaves_the_networks_as_they_were():
    pair = nets()
    pair.generator.train()
    Game(REAL, pair, rounds=4)
    assert all(module.training for module in pair.generator.modules())


def test_widgets_answer_and_show_the_score():
    import ipywidgets

    real_or_fake(REAL, nets(), rounds=4)
    widgets = list(ipywidgets.Widget.widgets.values()) if hasattr(ipywidgets.Widget, "widgets") else []
    buttons = {w.description: w for w in widgets if isinstance(w, ipywidgets.Button)}
    if not buttons:
        pytest.skip("this ipywidgets lists no widgets")
    for _ in range(4):
        buttons["real"].click()
    assert buttons["real"].disabled
    said = [w.value for w in widgets if isinstance(w, ipywidgets.HTML) and "of 4 right" in w.value]
    assert said and "You: 2 of 4" in said[-1]
    buttons["again"].click()
    assert not buttons["real"].disabled


@pytest.mark.parametrize("rounds", [0, 7, 42])
def test_rounds_that_cannot_be_dealt_are_refused(rounds):
    with pytest.raises(ValueError, match="even, 2 to 40"):
        Game(REAL, nets(), rounds=rounds)


def test_it_reads_the_size_of_z_from_the_generator():
    assert next(build_generator(16, 4).parameters()).shape[0] == LATENT
