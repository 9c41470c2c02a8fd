"""A plain-language diagnosis of a GAN in training, from measured scores and diversity."""

from typing import NamedTuple

import torch

from gan_helpers.metrics import density_and_coverage, separation
from gan_helpers.modes import evaluating

# Chosen on trainings with seeds 0-2, where the plane says exactly what is missing; tested on others in
# tests/unit/test_verdict.py.
D_HAS_WON = 0.995
D_IS_SURE = 0.05
TOO_FEW_KINDS = 0.45
A_KIND_MISSING = 0.92  # in the plane: one cloud of eight
ROUGH = 0.35  # points thrown evenly over the square have 0.15, a GAN of the plane that has settled 0.5 and more
REGION = 0.05  # of the real samples make a region: in the plane less than a cloud
LIKE_NOTHING_REAL = 0.05


class Verdict(NamedTuple):
    """`word` is "healthy", "rough", "kinds missing", "collapsed", "D has won" or "noise"; it rests on the numbers."""

    word: str
    separation: float
    density: float
    coverage: float
    regions: float

    def __str__(self) -> str:
        return f"{self.word}: {_MEANING[self.word]}"

    def numbers(self) -> str:
        """The three numbers on one line."""
        return (
            f"D ranks {self.separation:.0%} of pairs right, density {self.density:.2f}, "
            f"coverage {self.coverage:.0%}, regions reached {self.regions:.0%}"
        )


_MEANING = {
    "healthy": "the fakes lie among the real ones, most kinds appear, and D still has to think",
    "rough": "many of the fakes lie where nothing real is (yet)",
    "kinds missing": "the fakes look real, but where some of the real ones lie there is no fake at all",
    "collapsed": "the fakes repeat a few kinds: most real ones have no fake near them",
    "D has won": "D ranks nearly every pair right, so its slope teaches G little; slow D down, or begin anew",
    "noise": "the fakes look like nothing real (yet)",
}


@torch.no_grad()
def diagnose(real: torch.Tensor, nets, z: torch.Tensor) -> Verdict:
    """Tell a healthy GAN from a collapsed one, one whose discriminator has won, and one that makes noise.

    `real` is (N, D), some 500 real samples in [-1, 1], `nets` the pair of generator and discriminator, `z` (M, Z) as
    many inputs. Uses the networks in eval mode and leaves them as they were. Noise: density under 0.05. Collapsed:
    coverage under 45 %. Rough: density under 0.35. Kinds missing: under 92 % of the real samples have a fake in their
    region, the nearest 5 % of the real ones. (In the plane that is the share of clouds reached; for images regions are
    too wide to tell one missing digit.) D has won: it ranks over 99.5 % of (real, fake) pairs right and calls fakes
    real with a probability under 5 % on average.
    """
    with evaluating(*nets):
        fake = nets.generator(z)
        logits = nets.discriminator(real), nets.discriminator(fake)
    ranked = separation(*logits)
    won = ranked > D_HAS_WON and logits[1].sigmoid().mean().item() < D_IS_SURE
    density, coverage = density_and_coverage(real, fake)
    regions = density_and_coverage(real, fake, k=max(5, round(REGION * len(real)))).coverage
    if density < LIKE_NOTHING_REAL:
        word = "D has won" if won else "noise"
    elif coverage < TOO_FEW_KINDS:
        word = "collapsed"
    elif won:
        word = "D has won"
    elif density < ROUGH:
        word = "rough"
    else:
        word = "kinds missing" if regions < A_KIND_MISSING else "healthy"
    return Verdict(word, ranked, density, coverage, regions)
