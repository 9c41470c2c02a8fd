"""From the characters of a caption to an embedding: the text encoder of Reed et al. 2016, and how it learns.

Network and loss are those of "Learning Deep Representations of Fine-Grained Visual Descriptions" (CVPR 2016, sections 3
and 4): a convolutional-recurrent network over 70 symbols, texts of 201, and the structured joint embedding loss, here
with all other texts of a batch as wrong answers.
"""

import torch
import torch.nn.functional as F
from torch import nn

# The 70 symbols of Zhang et al. 2015, section 2.2, who count "-" twice: the space stands for the second.
ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789-,;.!?:'\"/\\|_@#$%^&*~`+=<>()[]{}\n "
LENGTH = 201  # characters; what is longer is cut off
FEATURES = 128  # numbers in an embedding

_PLACES = {symbol: place for place, symbol in enumerate(ALPHABET, start=1)}


def characters(texts: list[str]) -> torch.Tensor:
    """Each text as numbers: (N, LENGTH) uint8, 1 to 70 for the symbols of ALPHABET, 0 for all others and for the rest.

    Capitals count as small letters.
    """
    rows = torch.zeros(len(texts), LENGTH, dtype=torch.uint8)
    for row, text in zip(rows, texts, strict=True):
        places = [_PLACES.get(symbol, 0) for symbol in text.lower()[:LENGTH]]
        row[: len(places)] = torch.tensor(places, dtype=torch.uint8)
    return rows


class TextEncoder(nn.Module):
    """(N, LENGTH) as `characters` gives them -> embeddings (N, FEATURES).

    Reed et al. have three convolutions of 384, 512 and 256 maps and a recurrent layer of 256; `width` 128 is that, and
    a smaller one scales all of them.
    """

    def __init__(self, width: int = 64):
        super().__init__()
        symbols = len(ALPHABET)
        self.convolutions = nn.Sequential(
            nn.Conv1d(symbols, 3 * width, 4), nn.ReLU(), nn.MaxPool1d(3),  # (N, 3 * width, 66)
            nn.Conv1d(3 * width, 4 * width, 4), nn.ReLU(), nn.MaxPool1d(3),  # (N, 4 * width, 21)
            nn.Conv1d(4 * width, 2 * width, 4), nn.ReLU(),  # (N, 2 * width, 18)
        )  # fmt: skip
        self.recurrent = nn.GRU(2 * width, 2 * width, batch_first=True)
        self.project = nn.Linear(2 * width, FEATURES)

    def forward(self, texts: torch.Tensor) -> torch.Tensor:
        """The embeddings of texts given as numbers."""
        symbols = F.one_hot(texts.long(), len(ALPHABET) + 1)[:, :, 1:]  # what is not in the alphabet is all zeros
        weight = self.convolutions[0].weight
        maps = self.convolutions(symbols.to(weight.dtype).transpose(1, 2))
        states, _ = self.recurrent(maps.transpose(1, 2))
        return self.project(states.mean(1))


def joint_embedding_loss(images: torch.Tensor, texts: torch.Tensor, fits: torch.Tensor) -> torch.Tensor:
    """How far pictures are from preferring their own text by a margin of 1, and texts their own picture; 0-d.

    `images` and `texts`, (N, F), are embeddings of pairs; `fits`, (N, N) bool, says which text (column) fits which
    picture (row): those are no wrong answers. Similarity is the inner product (Reed et al. 2016, section 3). Theirs
    is the mean over all wrong answers; here it is over those that are still too near, since the few that differ by a
    topping would hardly count among all. Raises ValueError when a text does not fit its
    own picture.
    """
    if not fits.diagonal().all():
        raise ValueError("fits should be true on its diagonal: each text fits the picture it was written for.")
    score = images @ texts.T  # (N, N)
    own = score.diagonal()
    too_near = F.relu(1 + score - own[:, None]) + F.relu(1 + score - own[None, :])
    too_near = too_near * ~fits
    return too_near.sum() / (too_near > 0).sum().clamp(min=1)


@torch.no_grad()
def recall_at_1(images: torch.Tensor, texts: torch.Tensor, fits: torch.Tensor) -> float:
    """The share in [0, 1] of pictures whose nearest text of all fits them; arguments as in `joint_embedding_loss`."""
    best = (images @ texts.T).argmax(1)
    return fits[torch.arange(len(images)), best].float().mean().item()
