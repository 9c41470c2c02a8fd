"""What stands beside each exhibit of the failure museum once its fault has been found."""

from typing import NamedTuple

NO_FAULT = "healthy"


class Label(NamedTuple):
    """What was `planted`, what is `seen` of it, `why`, and how to `mend` it; code in backticks."""

    planted: str
    seen: str
    why: str
    mend: str


LABELS = {
    "forgotten detach": Label(
        "`fake` goes into D's loss without `.detach()`, and G's slopes are not cleared between the two turns.",
        "digits as good as in health or better, a little more alike (spread near 0.86, in health 0.94); loss_d "
        "near 1.19, in health 1.29.",
        "D's loss also runs back into G and asks it to be easier to catch, while G's own asks the opposite; the "
        "two are even where D says one half, so G stops there. In this small GAN that even helps! It is a fault "
        "all the same: not the game you wrote down, and in other networks nobody knows what it does. Where G's "
        "slopes are cleared before its turn, as in lesson 03, the forgotten detach only costs time.",
        "`discriminator(fake.detach())`, and `opt.zero_grad()` right before each `backward()`.",
    ),
    "generator in eval mode": Label(
        "`generator.eval()` before the first step, for a picture, and never `generator.train()` again.",
        "a few shapes again and again, hard and spotted; D ranks nearly every pair right, and coverage is low.",
        "In eval mode BatchNorm takes its running mean and variance, which nothing updates any more: those of "
        "the first day, 0 and 1. It does nothing at all, and G is the one without BatchNorm, which collapsed "
        "in lesson 03.",
        "`generator.train()` before the training goes on; `gh.samples` puts the mode back by itself.",
    ),
    "sigmoid applied twice": Label(
        "D ends in a sigmoid, and its loss, `binary_cross_entropy_with_logits`, applies another.",
        "grey noise, and no change after the first steps; loss_d 1.386 and loss_g 0.693 to the third digit, two "
        "straight lines.",
        "The second sigmoid turns D's answers, 0 to 1, into probabilities from 0.5 to 0.73. While D knows "
        "nothing, the best answer (with real targets of 0.9) lies just below what it can say, so it is driven "
        "to 0, where the first sigmoid is flat: no slope for D, none for G. 0.693 is log 2, a logit of 0 for "
        "everything.",
        "return logits from D; the loss owns the sigmoid.",
    ),
    "pictures in [0, 1]": Label(
        "the real pictures are `x / 255`, while G ends in tanh.",
        "pale digits on mid grey, never black (dark is near -0.2, not -1), while the losses look like a calm game.",
        "G does what it is asked for and copies pictures whose black is 0; shown in [-1, 1], 0 is mid grey. D "
        "ranks no pair right here because it is asked about real pictures in [-1, 1], which it never saw. The "
        "curves give no alarm: look at the range first.",
        "`x / 127.5 - 1`, for what is trained on and what is shown.",
    ),
    "BatchNorm eps 0.8": Label(
        "`nn.BatchNorm1d(width, 0.8)`: the second argument is eps, added to the variance; who copied it meant "
        "momentum.",
        "digits, but fewer and harder ones than in health; D ranks 91 to 95 of 100 pairs right, loss_g near 1.4.",
        "The maps are divided by the root of (variance + 0.8). Where the variance is small, nearly nothing is "
        "left of them: a normalisation by half. It trains, so nobody looks; this line stands in much copied "
        "code.",
        "`nn.BatchNorm1d(width)`, or `momentum=0.8` by name if that is meant.",
    ),
    "D far too strong": Label(
        "D is four times as wide, without dropout, its learning rate four times as large, and G's a tenth.",
        "dim digits in a grey haze that sharpen only slowly; loss_d below 0.8, loss_g above 2.5, D ranks every "
        "pair right.",
        "D is sure of every fake from early on, and G follows slowly. With this loss of G it still gets a "
        "slope where D is sure (lesson 03), but a small rate to use it.",
        "bring the two learning rates together; dropout or a narrower D.",
    ),
    "D far too weak": Label(
        "D has one layer of 2 units and a learning rate a fiftieth of what it was.",
        "one black and white pattern for every z; loss_g sinks below 0.5, loss_d rises above 1.7.",
        "G needs a single pattern that D calls real, and D does not learn to object. A low loss_g means that "
        "D is fooled, not that the pictures are good. loss_d above 1.386 is worse than answering one half to "
        "everything.",
        "a wider D, and the learning rate of G for it.",
    ),
    "no noise": Label(
        "one and the same `z` for every sample and every step.",
        "all pictures are one picture: spread 0.00 exactly; loss_g above 4.",
        "G is a function: one input, one output. D learns that picture by heart, G moves on, D follows.",
        "draw z anew, for each sample of each step.",
    ),
    "labels swapped": Label(
        "`discriminator_loss(fake_logits, real_logits)`: D is told that fakes are real.",
        "one picture for every z, on a white ground, as unlike a digit as can be; loss_d 0.33 and loss_g 0.11 "
        "from early on, D ranks none right.",
        "D learns to call real what G makes; G is pleased, and goes ever further from the real ones. Two "
        "networks that agree play no game: 0.33 is the least that targets of 0.9 allow, 0.11 is D saying 0.9 "
        "of every fake.",
        "real first. Two lines on real and fake logits (`sigmoid().mean()`) show it in the first minute.",
    ),
    "learning rate x 30": Label(
        "both learning rates 0.015 instead of 0.0005.",
        "blots in the middle, hard black and white, others at each look; curves that jump, and another course with "
        "every seed: loss_g may settle near 1 or near 7.",
        "Each step overshoots: D's weights leap, G's answer is stale when it comes.",
        "a tenth, and again a tenth; in your own trainings the slider below the bar does it while they run.",
    ),
    NO_FAULT: Label(
        "nothing.",
        "digits of many kinds, rough after so few steps; spread near 0.94, loss_d near 1.29, loss_g near 1, D "
        "ranks 67 to 89 of 100 pairs right.",
        "D still has to think and G still has somewhere to go.",
        "nothing; more steps.",
    ),
}
