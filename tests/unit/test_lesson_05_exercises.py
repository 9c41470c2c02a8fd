# ruff: noqa: E501 - a table reads best with a row a line
"""Every exercise of lesson 05: right variants are accepted, plausible wrong ones refused with the fitting words."""

import textwrap

import torch
import torch.nn.functional as F
from exercise_table import table_tests

from gan_helpers.exercises import checking
from gan_helpers.exercises.checking import exercises
from gan_helpers.models import gan_cls
from gan_helpers.models.text_encoder import FEATURES
from gan_helpers.text import text_encoder

NAMES = ["embed_characters", "tile_and_join", "cls_loss", "wrong_texts", "mixed_texts", "text_discriminator_step"]


def problem(name: str, cell: str) -> str | None:
    """What the check says to the function that a notebook cell with this text defines."""
    namespace = {"torch": torch, "F": F, "FEATURES": FEATURES, "text_encoder": text_encoder}
    namespace |= {one: getattr(gan_cls, one) for one in ("CLS", "mixed_texts", "cls_loss")}
    exec(textwrap.dedent(cell), namespace)
    return checking._problem(exercises()[name], name, namespace[name])


def e(rows="encoder(texts)", end="F.normalize(rows) * FEATURES**0.5", grad="torch.no_grad()") -> str:
    return f"""
        def embed_characters(texts, encoder=None):
            encoder = encoder or text_encoder()
            with {grad}:
                rows = {rows}
            return {end}
    """


def t(end="torch.cat([maps, beside], 1)", beside="text[:, :, None, None].expand(-1, -1, *maps.shape[2:])") -> str:
    return f"""
        def tile_and_join(maps, text):
            beside = {beside}
            return {end}
    """


def c(loss) -> str:
    return f"""
        def cls_loss(right, wrong, fake):
            return {loss}
    """


def w(odds, end="torch.multinomial(odds, wrongs, replacement=True)") -> str:
    return f"""
        def wrong_texts(contradicting, wrongs=1):
            odds = {odds}
            return {end}
    """


def m(mixed) -> str:
    return f"""
        def mixed_texts(text, beta=0.5):
            return {mixed}
    """


RIGHT_D, WRONG_D, FAKE_D = (
    "nets.discriminator(real, text)",
    "nets.discriminator(real, wrong_text)",
    "nets.discriminator(fake.detach(), text)",
)


def d(right=RIGHT_D, wrong=WRONG_D, fake=FAKE_D, loss="losses.discriminator(right, wrong, fakes)", clear="opts.discriminator.zero_grad()",
      back="backward(loss_d)", step="opts.discriminator.step()", answer="loss_d.detach()") -> str:  # fmt: skip
    return f"""
        def text_discriminator_step(batch, fake, nets, opts, losses=CLS, *, backward=torch.Tensor.backward):
            real, text, wrong_text = batch
            right, wrong, fakes = {right}, {wrong}, {fake}
            loss_d = {loss}
            {clear}
            {back}
            {step}
            return {answer}
    """


ODDS = "contradicting.any(2).float()"
PLUS, R, W, K = "F.softplus", "F.softplus(-right).mean()", "F.softplus(wrong).mean()", "F.softplus(fake).mean()"

RIGHT = [
    ("embed_characters", e()),
    ("embed_characters", e(end="rows / rows.norm(dim=1, keepdim=True) * FEATURES**0.5")),
    ("embed_characters", e(grad="torch.inference_mode(False)", rows="encoder(texts).detach()")),
    ("tile_and_join", t()),
    ("tile_and_join", t(beside="text[:, :, None, None].repeat(1, 1, *maps.shape[2:])")),
    ("tile_and_join", t(beside="text.view(*text.shape, 1, 1).expand(-1, -1, maps.shape[2], maps.shape[3])", end="torch.concat((maps, beside), dim=1)")),
    ("cls_loss", c(f"{R} + ({W} + {K}) / 2")),
    ("cls_loss", c(f"{R} + 0.5 * {W} + 0.5 * {K}")),
    ("cls_loss", c("-(F.logsigmoid(right).mean() + (F.logsigmoid(-wrong).mean() + F.logsigmoid(-fake).mean()) / 2)")),
    ("cls_loss", c("F.binary_cross_entropy_with_logits(right, torch.ones_like(right)) + (F.binary_cross_entropy_with_logits(wrong, torch.zeros_like(wrong)) + F.binary_cross_entropy_with_logits(fake, torch.zeros_like(fake))) / 2")),
    ("wrong_texts", w(ODDS)),
    ("wrong_texts", w("torch.where(contradicting.any(2), 1.0, 0.0)")),
    ("wrong_texts", w("(contradicting.sum(2) > 0).double()")),
    ("mixed_texts", m("beta * text + (1 - beta) * text.roll(-1, 0)")),
    ("mixed_texts", m("torch.lerp(text.roll(-1, 0), text, beta)")),
    ("mixed_texts", m("beta * text + (1 - beta) * torch.cat([text[1:], text[:1]])")),
    ("text_discriminator_step", d()),
    ("text_discriminator_step", d(loss="losses[1](right, wrong, fakes)")),
    ("text_discriminator_step", d(right="*nets.discriminator(real, torch.cat([text, wrong_text])).tensor_split([len(text)])", wrong="nets.discriminator(fake.detach(), text)", fake="None").replace("right, wrong, fakes =", "right, wrong, fakes, _ =")),
]  # fmt: skip

WRONG = [
    ("embed_characters", e(grad="torch.enable_grad()"), "A slope would run back through the encoder"),
    ("embed_characters", e(end="rows"), "as they are"),
    ("embed_characters", e(end="F.normalize(rows)"), "rows of length 1"),
    ("embed_characters", e(end="F.normalize(rows, dim=0) * FEATURES**0.5"), "Each row should be"),
    ("embed_characters", e(end="F.normalize(-rows) * FEATURES**0.5"), "point elsewhere"),
    ("embed_characters", e(end="F.normalize(rows[:1]) * FEATURES**0.5"), "should have shape (3, 128)"),
    ("tile_and_join", t(end="torch.cat([maps, maps], 0)"), "join along dim 1"),
    ("tile_and_join", t(end="torch.cat([beside, maps], 1)"), "first five channels"),
    ("tile_and_join", t(end="maps + beside.mean()"), "not be added"),
    ("tile_and_join", t(beside="text[:, :, None, None].expand(-1, -1, 4, 4)"), "not of 4 x 4 alone"),
    ("tile_and_join", t(beside="text.roll(1, 0)[:, :, None, None].expand(-1, -1, *maps.shape[2:])"), "those of text n"),
    ("tile_and_join", t(beside="text.detach()[:, :, None, None].expand(-1, -1, *maps.shape[2:])"), "slope should run back"),
    ("tile_and_join", t(beside="text[:, :, None, None] * torch.ones(1, 1, *maps.shape[2:])"), "another device"),
    ("cls_loss", c(f"{R} + {W} + {K}"), "count half each"),
    ("cls_loss", c(f"{R} + {K}"), "The wrong texts are missing"),
    ("cls_loss", c(f"{R} + {K} / 2"), "The wrong texts are missing"),
    ("cls_loss", c(f"{R} + {W} / 2"), "fakes are missing"),
    ("cls_loss", c(f"({R} + {W} + {K}) / 3"), "not a third each"),
    ("cls_loss", c(f"{R} + {W} / 2 + {K}"), "belongs to both"),
    ("cls_loss", c(f"{R} + {W} + {K} / 2"), "belongs to both"),
    ("cls_loss", c(f"({PLUS}(-right) + ({PLUS}(wrong) + {PLUS}(fake)) / 2).mean()"), "the mean of each"),
    ("cls_loss", c(f"{PLUS}(right).mean() + ({W} + {K}) / 2"), "softplus(-right)"),
    ("cls_loss", c(f"{R} + ({PLUS}(-wrong).mean() + {K}) / 2"), "softplus(wrong)"),
    ("cls_loss", c(f"{R} + {PLUS}(torch.cat([wrong, fake])).mean()"), "outweigh"),
    ("cls_loss", c("torch.log(1 + torch.exp(-right)).mean() + (torch.log(1 + torch.exp(wrong)).mean() + torch.log(1 + torch.exp(fake)).mean()) / 2"), "logits of 200"),
    ("cls_loss", c("F.softplus(-right) + (F.softplus(wrong).mean() + F.softplus(fake)) / 2"), "shape ()"),
    ("wrong_texts", w("torch.ones(contradicting.shape[:2])"), "A text that fits was picked"),
    ("wrong_texts", w("contradicting.sum(2).float()"), "equally often"),
    ("wrong_texts", w("contradicting[..., 0].float()"), "all of them contradict, or any"),
    ("wrong_texts", w("(~contradicting.any(2)).float()"), "A text that fits was picked"),
    ("wrong_texts", w("(~contradicting.all(2)).float()"), "A text that fits was picked"),
    ("wrong_texts", w("(contradicting.sum(2) == 1).float()"), "never picked"),
    ("wrong_texts", w("contradicting.any(1).float()"), "of the attributes, 2"),
    ("wrong_texts", w("contradicting.all(2).float()"), "all of them contradict, or any"),
    ("wrong_texts", w(ODDS, end="odds.argmax(1, keepdim=True).expand(-1, wrongs)"), "never picked"),
    ("wrong_texts", w(ODDS, end="torch.multinomial(odds, 1)[:, 0]"), "(3, 2)"),
    ("mixed_texts", m("text"), "mixed with itself"),
    ("mixed_texts", m("beta * text + (1 - beta) * text"), "mixed with itself"),
    ("mixed_texts", m("text + text.roll(-1, 0)"), "twice as long"),
    ("mixed_texts", m("text.mean(0).expand(len(text), -1)"), "the mean of all texts"),
    ("mixed_texts", m("0.5 * text + 0.5 * text.roll(-1, 0)"), "beta * one"),
    ("mixed_texts", m("beta * text + (1 - beta) * text.roll(1, 0)"), "other direction"),
    ("mixed_texts", m("beta * text + (1 - beta) * text.roll(-1, 1)"), "roll along dim 0"),
    ("mixed_texts", m("beta * text + (1 - beta) * text.roll(-1)"), "roll along dim 0"),
    ("mixed_texts", m("(1 - beta) * text + beta * text.roll(-1, 0)"), "are swapped"),
    ("text_discriminator_step", d(wrong=RIGHT_D), "never saw a real picture with a wrong text"),
    ("text_discriminator_step", d(fake="nets.discriminator(fake, text)"), "fake.detach()"),
    ("text_discriminator_step", d(fake="nets.discriminator(fake.detach(), mixed_texts(text))"), "for G alone"),
    ("text_discriminator_step", d(fake="nets.discriminator(fake.detach(), wrong_text)"), "fakes with wrong texts"),
    ("text_discriminator_step", d(loss="losses.discriminator(right, fakes, wrong)", right=WRONG_D, wrong=RIGHT_D), "does not move by the slope"),
    ("text_discriminator_step", d(loss="losses.discriminator(wrong, right, fakes)"), "does not move by the slope"),
    ("text_discriminator_step", d(loss="cls_loss(right, wrong, fakes)"), "does not move by the slope"),
    ("text_discriminator_step", d(clear="pass"), "zero_grad"),
    ("text_discriminator_step", d(step="pass"), "D has not changed"),
    ("text_discriminator_step", d(answer="loss_d"), "stays in memory"),
    ("text_discriminator_step", d(back="loss_d.backward()"), "backward(loss)"),
    ("text_discriminator_step", d(step="opts.discriminator.step(); opts.generator.step()"), "D's turn"),
]  # fmt: skip


test_right_variants_are_accepted, test_wrong_variants_are_refused_with_the_fitting_words, test_enough_of_both = (
    table_tests(problem, NAMES, RIGHT, WRONG)
)
