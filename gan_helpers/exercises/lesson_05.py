"""Exercises and questions of lesson 05, GAN-CLS."""

import math

import torch
import torch.nn.functional as F
from torch import nn

from gan_helpers import text
from gan_helpers.datasets.food import matching
from gan_helpers.exercises.checking import Exercise, NotYet
from gan_helpers.exercises.expectations import described, expect, expect_tensor, expect_works_elsewhere, left_alone
from gan_helpers.exercises.games import after_descent, same, weights_of
from gan_helpers.exercises.quiz import Quiz
from gan_helpers.models import gan_cls
from gan_helpers.models.gan_cls import GAN, LATENT, Captioned
from gan_helpers.models.text_encoder import FEATURES, LENGTH, TextEncoder, characters


def _test_embed_characters(embed) -> None:
    torch.manual_seed(0)
    encoder = TextEncoder(width=2).eval()
    texts = characters(["a pizza", "two florets of raw broccoli", "a slice of ham pizza"])
    rows = encoder(texts).detach()
    with left_alone(texts):
        made = embed(texts, encoder)
    expect_tensor(made, (3, FEATURES), f"For three texts of {LENGTH} characters the embeddings")
    expect(
        not made.requires_grad,
        "A slope would run back through the encoder, which has learned: compute inside `with torch.no_grad():`.",
    )
    expect(
        not torch.allclose(made, rows, atol=1e-5),
        f"Those are the encoder's numbers as they are: make each row as long as sqrt({FEATURES}).",
    )
    lengths = made.norm(dim=1)
    expect(
        torch.allclose(lengths, torch.full((3,), FEATURES**0.5), atol=1e-3),
        f"Each row should be sqrt({FEATURES}) = {FEATURES**0.5:.1f} long; yours are {lengths.min():.1f} to "
        f"{lengths.max():.1f}. F.normalize makes rows of length 1.",
    )
    expect(torch.allclose(made, F.normalize(rows) * FEATURES**0.5, atol=1e-4), "The rows point elsewhere than the "
           "encoder's: encoder(texts), then the length.")  # fmt: skip


def _test_tile_and_join(tile) -> None:
    maps, said = torch.randn(3, 5, 4, 4), torch.randn(3, 2, requires_grad=True)
    with left_alone(maps, said):
        made = tile(maps, said)
    if isinstance(made, torch.Tensor):
        if made.ndim == 4 and made.shape[0] == 6:
            raise NotYet("The text stands below the maps, as if it were more pictures: join along dim 1, the depth.")
        expect(
            tuple(made.shape) != (3, 5, 4, 4),
            "The maps have as many channels as before: the text should stand beside them, not be added to them.",
        )
    expect_tensor(made, (3, 7, 4, 4), "Maps (3, 5, 4, 4) and texts (3, 2) joined in depth")
    expect(
        torch.equal(made[:, :5], maps),
        "The first five channels should be the maps as they came; the numbers of the text come after them.",
    )
    right = said.detach()[:, :, None, None].expand(3, 2, 4, 4)
    expect(
        torch.allclose(made[:, 5:], right),
        "Beside each place of picture n should stand the same numbers, those of text n: text[:, :, None, None], "
        "expanded to the height and width of the maps.",
    )
    expect(made.requires_grad, "The slope should run back into the text's numbers: D learns to project them.")
    anywhere = "It should work for maps of any size, not of 4 x 4 alone: take height and width from maps.shape."
    try:
        other = tile(torch.randn(2, 4, 2, 3), torch.randn(2, 6))
    except RuntimeError as error:
        raise NotYet(anywhere) from error
    expect(isinstance(other, torch.Tensor) and other.shape == (2, 10, 2, 3), anywhere)
    expect_works_elsewhere(
        lambda given: tile(given, torch.zeros(3, 2, device=given.device)),
        torch.zeros(3, 5, 4, 4),
        "make no new tensor there, only views of what is given.",
    )


def _test_cls_loss(loss) -> None:
    torch.manual_seed(1)
    right, wrong, fake = torch.randn(5), torch.randn(10), torch.randn(5)
    try:
        made = loss(right, wrong, fake)
    except RuntimeError as error:
        if "must match" not in str(error):
            raise
        raise NotYet("There may be more wrong texts than fakes, here ten and five: take the mean of each of the three "
                     "before they are added.") from error  # fmt: skip
    expect_tensor(made, (), "The loss")
    value, parts = made.item(), [F.softplus(-right).mean(), F.softplus(wrong).mean(), F.softplus(fake).mean()]
    r, w, f = (part.item() for part in parts)
    for seen, words in (
        (r + w + f, "Three parts of weight 1: the two negative ones should count half each, so that D hears as much of "
         "what is right as of what is not."),
        (r + f, "The wrong texts are missing: without them D is told nothing about what fits."),
        (r + f / 2, "The wrong texts are missing: without them D is told nothing about what fits."),
        (r + w / 2, "The fakes are missing."),
        (r + w, "The fakes are missing."),
        (w / 2 + f / 2, "The real pictures with their right texts are missing."),
        ((r + w + f) / 3, "Weights 1, 1/2 and 1/2 were asked for, not a third each."),
        (r + w / 2 + f, "The half belongs to both, wrong and fake."),
        (r + w + f / 2, "The half belongs to both, wrong and fake."),
        ((r + w + f) / 2, "The half belongs to wrong and fake, not to the right ones."),
        (F.softplus(right).mean().item() + (w + f) / 2, "D should raise the logit of what is right: softplus(-right)."),
        (F.softplus(right).mean().item() + F.softplus(-wrong).mean().item() / 2 + F.softplus(-fake).mean().item() / 2,
         "All signs are turned round: that D would call everything real that is fake."),
        (r + F.softplus(-wrong).mean().item() / 2 + f / 2, "A real picture with a wrong text should be refused: "
         "softplus(wrong), not softplus(-wrong)."),
        (r + F.softplus(torch.cat([wrong, fake])).mean().item(), "Joined before the mean, the ten wrong ones outweigh "
         "the five fakes: a mean of each, then half of both."),
    ):  # fmt: skip
        expect(not math.isclose(value, seen, rel_tol=1e-4), words)
    expect(
        math.isclose(value, r + (w + f) / 2, rel_tol=1e-4),
        f"For these logits the loss should be {r + (w + f) / 2:.4f}; yours is {value:.4f}. "
        "F.softplus(-right).mean() is the part of the right ones.",
    )
    huge = loss(torch.full((2,), -200.0), torch.full((2,), 200.0), torch.full((2,), 200.0))
    expect(bool(torch.isfinite(huge)), "At logits of 200 it is infinite: softplus(x), not log(1 + exp(x)).")


def _test_wrong_texts(pick) -> None:
    torch.manual_seed(2)
    contradicting = torch.zeros(3, 4, 6, dtype=torch.bool)
    for picture, wrong in enumerate(({1: (0,), 2: (1, 5)}, {0: (3,), 2: (0, 1, 2), 3: (5,)}, {0: (1, 2), 1: (4,)})):
        for caption, attributes in wrong.items():
            contradicting[picture, caption, list(attributes)] = True
    with left_alone(contradicting):
        try:
            picked = pick(contradicting, 2)
        except RuntimeError as error:
            if "multinomial" not in str(error) and "prob" not in str(error):
                raise
            raise NotYet("torch.multinomial wants a row of odds for each picture, float and not all 0: (N, M), made of "
                         "(N, M, 6). Which axis holds the attributes, and should all of them contradict, or any?"
                         ) from error  # fmt: skip
    expect(isinstance(picked, torch.Tensor) and picked.dtype == torch.int64 and bool((picked < 4).all()), "It should "
           "return columns, the numbers of texts (of four, here): the axis that any() looks along is that of the "
           "attributes, 2.")  # fmt: skip
    expect(isinstance(picked, torch.Tensor), f"It should return a tensor; yours is {described(picked)}.")
    expect(tuple(picked.shape) == (3, 2), f"For three pictures, two wrong texts each, it should be (3, 2); yours is "
           f"{tuple(picked.shape)}.")  # fmt: skip
    counts = torch.zeros(3, 4)
    for _ in range(600):
        counts.scatter_add_(1, pick(contradicting, 3), torch.ones(3, 3))
    wrong = contradicting.any(2)
    expect(
        not bool(counts[~wrong].any()),
        "A text that fits was picked as a wrong one: its odds should be 0 where nothing contradicts.",
    )
    expect(bool((counts[wrong] > 0).all()), "Some wrong texts are never picked: each should have a chance.")
    expect(
        0.75 < counts[0, 1] / counts[0, 2] < 1.33,
        "All wrong texts should come equally often, however much contradicts: odds of 1 for each, not the number of "
        "contradictions.",
    )


def _test_mixed_texts(mix) -> None:
    texts = torch.randn(4, FEATURES, generator=torch.Generator().manual_seed(3))
    with left_alone(texts):
        made = mix(texts)
    expect_tensor(made, (4, FEATURES), "The mixed embeddings of four texts")
    expect(not torch.allclose(made, texts), "Each text is mixed with itself: roll the rows by one to have another.")
    right = texts / 2 + texts.roll(-1, 0) / 2
    alike = [texts / 2 + texts.roll(shift, 0) / 2 for shift in (-1, 1, 2)]
    expect(
        not torch.allclose(made, texts + texts.roll(-1, 0), atol=1e-5),
        "Those are sums, twice as long: beta of the one and 1 - beta of the other.",
    )
    expect(
        not torch.allclose(made, texts.mean(0).expand(4, -1), atol=1e-5),
        "All four rows are the mean of all texts: mix each with one other.",
    )
    expect(
        any(torch.allclose(made, one, atol=1e-5) for one in alike),
        "Each row should be half of a text and half of another whole row; text.roll(1) without a dimension moves "
        "single numbers, not rows: roll along dim 0.",
    )
    expect(torch.allclose(made, right, atol=1e-5), "Each is mixed with another text, but not with the next one: the "
           "other direction of roll.")  # fmt: skip
    quarter = mix(texts, beta=0.25)
    expect(
        not torch.allclose(quarter, 0.75 * texts + 0.25 * texts.roll(-1, 0), atol=1e-5),
        "With beta=0.25 a quarter of each text and three quarters of the next: beta and 1 - beta are swapped.",
    )
    expect(
        torch.allclose(quarter, 0.25 * texts + 0.75 * texts.roll(-1, 0), atol=1e-5),
        "With beta=0.25 a quarter of each text and three quarters of the next: beta * one + (1 - beta) * other.",
    )


class _Fakes(nn.Module):
    """A generator whose pictures are the rows of its one parameter, whatever it is given."""

    def __init__(self, n: int):
        super().__init__()
        self.rows = nn.Parameter(torch.randn(n, 2, generator=torch.Generator().manual_seed(4)))

    def forward(self, z: torch.Tensor, text: torch.Tensor) -> torch.Tensor:
        return self.rows * 1.0


class _Judge(nn.Module):
    """A discriminator of points and texts, which notes which pairs it was shown."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(5)
        self.net, self.seen = nn.Sequential(nn.Linear(2 + FEATURES, 6), nn.LeakyReLU(0.2), nn.Linear(6, 1)), []

    def forward(self, images: torch.Tensor, said: torch.Tensor) -> torch.Tensor:
        self.seen.append((images.detach(), said.detach()))
        images = images.repeat(len(said) // len(images), 1)
        return self.net(torch.cat([images, said], 1)).flatten()


def _scene() -> tuple[Captioned, torch.Tensor, GAN, GAN]:
    rng = torch.Generator().manual_seed(6)
    batch = Captioned(*(torch.randn(n, width, generator=rng) for n, width in ((4, 2), (4, FEATURES), (8, FEATURES))))
    nets = GAN(_Fakes(4), _Judge())
    for net in nets:
        for parameter in net.parameters():
            parameter.grad = torch.full_like(parameter, 5.0)  # what a forgotten zero_grad would add
    opts = GAN(*(torch.optim.SGD(net.parameters(), lr=0.5) for net in nets))
    return batch, nets.generator(torch.zeros(4, LATENT, 1, 1), batch.text), nets, opts


def _test_discriminator_step(step) -> None:
    for losses in (gan_cls.CLS, gan_cls.HINGE_CLS):
        batch, fake, nets, opts = _scene()
        real, said, wrong_text = batch
        judge = nets.discriminator
        right, wrong = judge(real, torch.cat([said, wrong_text])).tensor_split([4])
        expected = after_descent(judge, losses.discriminator(right, wrong, judge(fake.detach(), said)))
        without = after_descent(judge, gan_cls.conditional_loss(judge(real, said), right, judge(fake.detach(), said)))
        before_g, before_d = weights_of(nets.generator), weights_of(judge)
        judge.seen.clear()
        made = step(batch, fake, nets, opts, losses)
        expect_tensor(made, (), "The returned loss_d")
        expect(not made.requires_grad, "Return loss_d.detach(): otherwise each step's graph stays in memory.")
        expect(not same(weights_of(judge), before_d), "D has not changed: zero_grad, backward(loss_d), step.")
        expect(same(weights_of(nets.generator), before_g), "G has moved: this is D's turn.")
        grad = nets.generator.rows.grad
        expect(
            grad is None or bool((grad == 5).all()),
            "A slope ran back into G: in D's turn the fakes come without their past, fake.detach().",
        )
        shown = [(images, one) for images, texts in judge.seen for one in texts.split(4)]
        mixed = gan_cls.mixed_texts(said)
        expect(
            not any(torch.allclose(one, mixed, atol=1e-5) for _, one in shown),
            "D was shown mixed texts. Those are for G alone: no real picture of them exists.",
        )
        expect(
            any(torch.equal(images, real) and torch.equal(one, wrong_text[:4]) for images, one in shown),
            "D never saw a real picture with a wrong text: the pair this lesson is about.",
        )
        expect(
            not any(torch.equal(images, fake.detach()) and torch.equal(one, wrong_text[:4]) for images, one in shown),
            "D was shown fakes with wrong texts. The three pairs are {real, right}, {real, wrong} and {fake, right}.",
        )
        expect(not same(weights_of(judge), without), "The wrong texts do not reach the loss.")
        expect(
            same(weights_of(judge), expected),
            "D does not move by the slope of losses.discriminator(right, wrong, fake): in this order, after "
            "opts.discriminator.zero_grad().",
        )
    called, (batch, fake, nets, opts) = [], _scene()
    step(batch, fake, nets, opts, backward=lambda loss: (called.append(loss), loss.backward()))
    expect(len(called) == 1, "Call backward(loss), once, rather than loss.backward(): a library may bring its own.")


EXERCISES = {
    "embed_characters": Exercise(
        text.embed_characters,
        _test_embed_characters,
        (
            "Three things: no slope, the encoder's numbers, and one length for all rows.",
            "`with torch.no_grad():` round the encoder; F.normalize(rows) has rows of length 1.",
            "with torch.no_grad(): rows = encoder(texts); then F.normalize(rows) * FEATURES**0.5.",
        ),
    ),
    "tile_and_join": Exercise(
        gan_cls.tile_and_join,
        _test_tile_and_join,
        (
            "The text has no height and no width. Give it those of the maps, then put both behind each other in depth.",
            "text[:, :, None, None] is (N, P, 1, 1); expand(-1, -1, height, width) repeats it without copying.",
            "torch.cat([maps, text[:, :, None, None].expand(-1, -1, *maps.shape[2:])], 1)",
        ),
    ),
    "cls_loss": Exercise(
        gan_cls.cls_loss,
        _test_cls_loss,
        (
            "One kind of pair is right; two are wrong in different ways, and share what is left.",
            "softplus(-logit) punishes a low logit, softplus(logit) a high one; take the mean of each of the three.",
            "F.softplus(-right).mean() + (F.softplus(wrong).mean() + F.softplus(fake).mean()) / 2",
        ),
    ),
    "wrong_texts": Exercise(
        matching.wrong_texts,
        _test_wrong_texts,
        (
            "A text is wrong where any of its attributes contradicts: those get odds of 1, the others of 0.",
            "contradicting.any(2) says which, (N, M); torch.multinomial wants numbers, not truth values.",
            "return torch.multinomial(contradicting.any(2).float(), wrongs, replacement=True)",
        ),
    ),
    "mixed_texts": Exercise(
        gan_cls.mixed_texts,
        _test_mixed_texts,
        (
            "Each row needs another row: move all rows by one place.",
            "text.roll(-1, 0) holds in row n what stood in row n + 1.",
            "beta * text + (1 - beta) * text.roll(-1, 0)",
        ),
    ),
    "text_discriminator_step": Exercise(
        gan_cls.text_discriminator_step,
        _test_discriminator_step,
        (
            "Three pairs, one loss, one move of D. Which pair must not send a slope into G?",
            "D of real with text, of real with wrong_text, of fake.detach() with text: in this order into the loss.",
            "With D = nets.discriminator: losses.discriminator(D(real, text), D(real, wrong_text), D(fake.detach(), "
            "text)); then zero_grad, backward and step.",
        ),
    ),
}

QUIZZES = {
    "without_wrong_texts": Quiz(
        "A conditional GAN without {real, wrong text}: D sees {real, right text} and {fake, right text} alone. "
        "What is it never told?",
        (
            ("what real pictures look like", "It is: half of what it sees are real ones."),
            (
                "that a real picture can have the wrong text",
                "Every real picture it sees fits its text. At first it can tell real from fake without reading "
                "(Reed et al. 2016, section 4.2).",
            ),
            (
                "what the texts say",
                "It sees them; but at first reading pays little: fakes give themselves away by looks.",
            ),
        ),
        1,
    ),
    "mixed_in_d": Quiz(
        "Mixed texts go to G alone. Why not to D, as {real, mixed text}?",
        (
            (
                "no real picture shows what a mixed text says",
                "There is no pair to show. D judges the fake of a mixed text by what it knows of real texts, and G "
                "learns to fill the gaps between them (Reed et al. 2016, section 4.3).",
            ),
            ("it would be too slow", "It would cost as much as for G."),
            ("D cannot read them", "It reads any 128 numbers; the fakes of mixed texts are judged by it."),
        ),
        0,
    ),
    "diagonal": Quiz(
        "In the match matrix, which picture does D find the best for a caption?",
        (
            ("the highest number in the caption's column", "A column is one caption with all pictures."),
            ("the highest number in the picture's row", "That is the best caption for one picture."),
            ("always the one on the diagonal", "It should be, where G and D have learned. It need not."),
        ),
        0,
    ),
}
