"""A small classifier with few labels: on raw pixels, or on what a discriminator has learned without any."""

from collections.abc import Callable

import numpy as np
import torch

from gan_helpers.datasets.food import Food, load_food
from gan_helpers.runtime import ALL_THREADS, fewer, use_threads

POOL, TEST = 1500, 1000  # pictures to draw labels from, and to be asked about
DATA_SEED = 3  # neither the shipped DCGAN nor the reader was trained on these pictures
PART = 250


def what_lies_there(food: Food) -> str:
    """What a picture shows, less its surface, toppings and count: "pizza, slice", "both, roasted"; eleven kinds."""
    parts = [food.food, food.shape if food.food == "pizza" else food.style]
    return ", ".join(str(part) for part in parts)


def compare_features(
    features_of: dict[str, Callable[[torch.Tensor], torch.Tensor]],
    *,
    labels: int = 100,
    repeats: int = 10,
    what: Callable[[Food], str] = what_lies_there,
    size: int = 64,
) -> dict[str, np.ndarray]:
    """How often a linear classifier, taught by so many `labels`, is right: name -> (repeats,) shares in [0, 1].

    `features_of` maps a name to a function from pictures (N, 3, size, size) float32 in [-1, 1] to features (N, F); each
    gets the same labels. Every repeat draws others out of 1,500 pictures; the same 1,000 further ones are asked about.
    `what` names what is to be told apart. The classifier is a ridge regression on targets of -1 and 1, a least-squares
    cousin of the linear SVM of Radford et al. 2016, section 5; its penalty is chosen by leave-one-out among the labels.
    At pace "ci" a fifth of the repeats and of the further pictures. Raises ValueError for fewer than 20 labels or more
    than 1,500.
    """
    if not 20 <= labels <= POOL:
        raise ValueError(f"labels should be from 20 to {POOL}, not {labels}.")
    from sklearn.linear_model import RidgeClassifierCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    pictures, repeats = load_food(n=POOL + fewer(TEST), size=size, seed=DATA_SEED), max(2, fewer(repeats))
    truth = np.array([what(food) for food in pictures.foods])
    images = pictures.images.float() / 127.5 - 1
    results = {}
    for name, function in features_of.items():
        features = _features(function, images)
        shares = []
        for seed in range(repeats):
            chosen = np.random.default_rng(seed).choice(POOL, labels, replace=False)
            classifier = make_pipeline(StandardScaler(), RidgeClassifierCV(np.logspace(1, 6, 6)))
            classifier.fit(features[chosen], truth[chosen])
            shares.append(classifier.score(features[POOL:], truth[POOL:]))
        results[name] = np.array(shares)
    return results


@torch.no_grad()
def _features(function: Callable, images: torch.Tensor) -> np.ndarray:
    with use_threads(ALL_THREADS):
        made = [function(part).float().cpu() for part in images.split(PART)]
    features = torch.cat(made)
    if features.ndim != 2 or len(features) != len(images):
        raise ValueError(f"features should be ({len(images)}, F), one row a picture, not {tuple(features.shape)}.")
    return features.numpy()
