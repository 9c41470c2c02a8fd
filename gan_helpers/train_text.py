"""Recipe of the text encoder of lesson 05: captions against pictures, by the loss of Reed et al. 2016."""

from typing import Any, NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from gan_helpers.accelerated import Order, play
from gan_helpers.batches import Batches
from gan_helpers.captioned import CaptionTable, caption_table
from gan_helpers.datasets.food import FoodPictures, load_food
from gan_helpers.datasets.food.dataset import CAPTIONS
from gan_helpers.datasets.food.matching import fits
from gan_helpers.datasets.food.telegrams import telegram
from gan_helpers.food_scores import read_food
from gan_helpers.hyperparameters import Classifier
from gan_helpers.models.food_reader import FEATURES as SEEN
from gan_helpers.models.text_encoder import (
    ALPHABET,
    FEATURES,
    TextEncoder,
    characters,
    joint_embedding_loss,
    recall_at_1,
)
from gan_helpers.pairs import set_learning_rate
from gan_helpers.processes import is_main
from gan_helpers.typing_errors import with_typos
from gan_helpers.ways import falling_rate

FRESH = 2_048  # pictures of combinations never trained on, to be judged by
SIZE = 64
TYPOS = 0.3  # share of the captions with a typing error
TELEGRAMS = 0.4  # share of the captions cut down to a few words
ALIKE = 8  # pictures in a group of a batch that are nearly alike: what tells them apart is what has to be learned
POOL = 1024  # pictures that a group is picked from
# Squared length of all embeddings in the loss, so that its margin of 1 is a share of what two of them can differ by.
SQUARED_LENGTH = 6.0


class Encoders(NamedTuple):
    """The encoder of texts and that of pictures, or their optimizers."""

    text: Any
    image: Any


def at_length(embeddings: torch.Tensor) -> torch.Tensor:
    """The `embeddings` (N, F) as float32, all of the squared length SQUARED_LENGTH."""
    return F.normalize(embeddings.float()) * SQUARED_LENGTH**0.5


def telegrams(pictures: FoodPictures) -> torch.Tensor:
    """The same captions cut down (see `telegram`), as numbers: (N, 5, LENGTH) uint8."""
    rng = np.random.default_rng(0)
    every = [
        telegram(caption.text, rng) for number in range(len(pictures.foods)) for caption in pictures.captions(number)
    ]
    return characters(every).view(len(pictures.foods), CAPTIONS, -1)


def nearly_alike(codes: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
    """As many rows of `codes` (N, 14) as `rows` are: every ALIKE-th, each followed by its likes of a random POOL.

    A random batch holds hardly two pictures that differ in a topping alone, so toppings would not have to be told.
    """
    anchors = rows[: len(rows) // ALIKE]
    pool = torch.randint(len(codes), (POOL,))
    differing = (codes[anchors][:, None] != codes[pool][None]).sum(2) + 2 * torch.rand(len(anchors), POOL)
    likes = pool[differing.topk(ALIKE - 1, largest=False).indices]  # (A, ALIKE - 1)
    return torch.cat([anchors[:, None], likes], 1).flatten()


def build_image_encoder() -> nn.Module:
    """What the reader of food sees in pictures, (N, 64), -> embeddings (N, FEATURES).

    Reed et al. 2016 take the features of a trained classifier for it, too.
    """
    return nn.Sequential(nn.Linear(SEEN, 2 * FEATURES), nn.LeakyReLU(0.2), nn.Linear(2 * FEATURES, FEATURES))


def train_text_encoder(order: Order, chosen: Classifier) -> tuple[dict, dict]:
    """The text encoder that ships: its network by name, and what its card says. The image encoder is not kept."""
    pictures, fresh = load_food(n=chosen.pictures, size=SIZE), load_food("held-out", n=FRESH, size=SIZE)
    table, fresh_table = caption_table(pictures), caption_table(fresh)
    short = telegrams(pictures)
    seen, fresh_seen = (read_food(some.images).features for some in (pictures, fresh))
    nets = Encoders(TextEncoder(), build_image_encoder())
    opts = Encoders(*(torch.optim.AdamW(net.parameters(), chosen.rate, weight_decay=1e-2) for net in nets))
    batches = Batches(pictures.images, chosen.batch, seed=order.seed)

    def turns(rows, nets: Encoders, opts: Encoders, *, backward) -> dict[str, torch.Tensor]:
        where = next(nets.image.parameters()).device
        rows = nearly_alike(table.codes, rows)
        picked = torch.randint(CAPTIONS, (len(rows),))
        codes = table.codes[rows]
        fitting = fits(codes, codes, table.stated[rows, picked]).to(where)
        cut = torch.rand(len(rows), 1) < TELEGRAMS
        said = torch.where(cut, short[rows, picked], table.texts[rows, picked])
        text = at_length(nets.text(with_typos(said, TYPOS).to(where)))
        image = at_length(nets.image(seen[rows].to(where)))
        loss = joint_embedding_loss(image, text, fitting)
        for opt in opts:
            opt.zero_grad()
        backward(loss)
        for opt in opts:
            opt.step()
        return {"loss": loss.detach()}

    def slow_down(done: int) -> None:
        for opt in opts:
            set_learning_rate(opt, falling_rate(chosen.rate, done, order.steps))

    steps = play(batches, turns, nets, opts, order, rows=True, each_step=slow_down).steps
    if not is_main():
        return {}, {}
    recalls = {f"recall@1 of {group:,}": recall_of(nets, fresh_seen, fresh_table, group) for group in (64, FRESH)}
    for name, recall in recalls.items():
        print(f"{name}, on combinations never trained on: {recall:.1%}")
    return {"text_encoder": nets.text}, {
        "steps": steps,
        "batch": chosen.batch,
        "alphabet": ALPHABET,
        "scores": recalls | {"samples": FRESH, "split": "held-out"},
        "data": f"{chosen.pictures:,} drawn pictures of food, {SIZE} pixels, split 'train', data seed 0, five captions "
        f"each, {TYPOS:.0%} of them with a typing error, {TELEGRAMS:.0%} cut down to a few words",
    }


@torch.no_grad()
def recall_of(nets: Encoders, seen: torch.Tensor, table: CaptionTable, group: int = 64) -> float:
    """Of pictures of which this was `seen`, with their first captions, in groups: the share whose nearest text fits."""
    where = next(nets.text.parameters()).device
    shares = []
    for net in nets:
        net.eval()
    for rows in torch.arange(len(seen)).split(group):
        image = nets.image(seen[rows].to(where))
        text = torch.cat([nets.text(part.to(where)) for part in table.texts[rows, 0].split(64)])
        codes = table.codes[rows]
        shares.append(
            recall_at_1(at_length(image).cpu(), at_length(text).cpu(), fits(codes, codes, table.stated[rows, 0]))
        )
    return float(np.mean(shares))
