"""The captioned pictures of the course by one word."""

from gan_helpers.datasets.coco import CocoPictures, load_coco
from gan_helpers.datasets.food import FoodPictures, load_food

LOADERS = {"food": load_food, "coco": load_coco}


def load_captioned(data: str, split: str = "train", *, size: int, n: int, seed: int = 0) -> FoodPictures | CocoPictures:
    """`n` pictures of `data`, "food" (drawn) or "coco" (photos; at most `n`): see `load_food` and `load_coco`.

    Raises ValueError for another word, and what the two raise.
    """
    if data not in LOADERS:
        raise ValueError(f"data should be one of {', '.join(LOADERS)}, not {data!r}.")
    return LOADERS[data](split, size=size, n=n, seed=seed)


FEWEST_JUDGED = 128  # pictures that scores rest on: with fewer the distances of `FoodJudge` mean nothing


def check_judged(data: str, *, size: int) -> None:
    """Raise ValueError, before a training and not after it, where too few pictures are there to score it by."""
    if data == "coco" and (there := len(load_coco("held-out", size=size).images)) < FEWEST_JUDGED:
        raise ValueError(
            f"a training on COCO's photos is scored by its held-out ones: {FEWEST_JUDGED} or more are needed, "
            f"{there} are prepared. Prepare them all with python -m gan_helpers data coco, or train with "
            "--set data=food."
        )


def never_trained_on(data: str, *, size: int, n: int, seed: int) -> FoodPictures | CocoPictures:
    """Other pictures of the same kinds: drawn with another `seed`, or COCO's own held-out ones (then at most `n`)."""
    return load_captioned(data, "held-out" if data == "coco" else "train", size=size, n=n, seed=seed)
