"""Numbers for "good": is it real-looking, is it varied, is it a copy?"""

from typing import NamedTuple

import torch


class Likeness(NamedTuple):
    """Density, from 0, about 1 for a real set: are fakes where real ones are? Coverage, in [0, 1]: is all there?"""

    density: float
    coverage: float


def density_and_coverage(real: torch.Tensor, fake: torch.Tensor, k: int = 5) -> Likeness:
    """How well `fake` (M, D) lies among `real` (N, D) (Naeem et al. 2020, section 3).

    Round each real sample lies a ball that reaches to its k-th nearest real neighbour. Density is the mean number of
    balls that a fake lies in, over k: fakes that look like nothing real get 0, a second real set about 1. Coverage is
    the share of the balls with a fake inside: a generator that repeats a few kinds leaves most of them empty; a second
    real set as large as the first gets 1 - 2**-k on average (0.97 for k = 5). Raises ValueError for wrong shapes.
    """
    if real.ndim != 2 or fake.ndim != 2 or real.shape[1] != fake.shape[1]:
        raise ValueError(f"real and fake should be (N, D) and (M, D), not {tuple(real.shape)} and {tuple(fake.shape)}.")
    if not 1 <= k < len(real):
        raise ValueError(f"k should be between 1 and the {len(real)} real samples less one, not {k}.")
    real, fake = real.float(), fake.float()
    radius = torch.cdist(real, real).kthvalue(k + 1, dim=1).values  # the nearest one is the sample itself
    distance = torch.cdist(fake, real)  # (M, N)
    inside = distance < radius
    return Likeness(inside.float().sum(1).mean().item() / k, inside.any(0).float().mean().item())


def frechet_distance(real: torch.Tensor, fake: torch.Tensor) -> float:
    """How far two sets of features lie apart, as if both were normal: 0 for equal ones, larger for worse fakes.

    |mean difference|^2 + trace(C_real + C_fake - 2 (C_real C_fake)^(1/2)) (Dowson & Landau 1982), computed by
    torchmetrics. `real` (N, D) and `fake` (M, D) are features from whatever network; Heusel et al. 2017 take
    Inception's and call the result FID, which this is only with those. A covariance of D features needs many samples:
    raises ValueError for fewer than 2 D of either, for another width, and for NaN.
    """
    for name, features in {"real": real, "fake": fake}.items():
        if features.ndim != 2 or features.shape[1] != real.shape[-1]:
            raise ValueError(f"real and fake should be (N, D) and (M, D), not {tuple(real.shape)} and "
                             f"{tuple(fake.shape)}.")  # fmt: skip
        if len(features) < 2 * features.shape[1]:
            raise ValueError(
                f"{name} should hold {2 * features.shape[1]} samples or more for its {features.shape[1]} features; it "
                f"holds {len(features)}."
            )
        if not torch.isfinite(features).all():
            raise ValueError(f"{name} holds NaN or infinite values: look at the network that made the features.")
    from torchmetrics.image.fid import FrechetInceptionDistance

    given = torch.nn.Identity()
    given.num_features = real.shape[1]
    distance = FrechetInceptionDistance(feature=given).set_dtype(torch.float64)
    distance.update(real.double(), real=True)
    distance.update(fake.double(), real=False)
    return max(0.0, distance.compute().item())


def separation(real_logits: torch.Tensor, fake_logits: torch.Tensor) -> float:
    """How well D tells real from fake: the share of (real, fake) pairs it ranks right, 0.5 by guessing, 1 at best.

    The area under the ROC curve (Hanley & McNeil 1982), from logits (N,) and (M,); ties count one half.
    """
    difference = real_logits.float()[:, None] - fake_logits.float()[None, :]
    return ((difference > 0).float() + 0.5 * (difference == 0).float()).mean().item()


def nearest(samples: torch.Tensor, training: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """For each of the `samples` (N, D) its nearest row of `training` (M, D): distances (N,) and indices (N,).

    Euclidean, in the units of the data: a copy has distance 0.
    """
    return tuple(torch.cdist(samples.float(), training.float()).min(1))
