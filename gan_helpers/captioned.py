"""Pictures with captions, dealt as GAN-CLS needs them: each with a text that fits, and some that do not."""

import copy
import hashlib
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch.utils.weak import WeakIdKeyDictionary
from tqdm.auto import tqdm

from gan_helpers.datasets.cache import cached_arrays
from gan_helpers.datasets.coco import CocoPictures
from gan_helpers.datasets.food import FoodPictures
from gan_helpers.datasets.food.dataset import codes_of
from gan_helpers.datasets.food.matching import contradictions, fits, stated_columns, wrong_texts, wrong_texts_by_kind
from gan_helpers.models.gan_cls import Captioned
from gan_helpers.models.text_encoder import characters
from gan_helpers.runtime import ALL_THREADS, device, use_threads
from gan_helpers.text import PART, embed_characters, text_encoder

CANDIDATES = 1024  # texts that the wrong ones of a batch are drawn from
MANY = 5_000  # pictures: reading the captions of so many takes long enough to be worth a file


class CaptionTable(NamedTuple):
    """All captions of a set of pictures: `texts` (N, C, LENGTH) uint8, `stated` (N, C, 14) bool, `codes` (N, 14) uint8.

    C is five, and more where spoken captions were asked for.
    What each is: see `characters`, `stated_columns` and `encode`. `free`: whether people wrote the captions as they
    liked, so that what they state is known in part only.
    """

    texts: torch.Tensor
    stated: torch.Tensor
    codes: torch.Tensor
    free: bool = False


def caption_table(pictures: FoodPictures | CocoPictures, *, spoken: int = 0) -> CaptionTable:
    """The captions of `pictures` as numbers, with what they state; of drawn food also so many `spoken` ones of each."""
    n, free = len(pictures.foods), isinstance(pictures, CocoPictures)
    every = []
    for number in range(n):
        every += pictures.captions(number)
        every += pictures.spoken_captions(number, spoken) if spoken else []
    texts = characters([caption.text for caption in every])
    stated = torch.from_numpy(np.stack([stated_columns(caption.stated) for caption in every]))
    return CaptionTable(
        texts.view(n, len(every) // n, -1), stated.view(n, len(every) // n, -1), codes_of(pictures), free
    )


# The embeddings of tables that are still in use: a second dealer of the same captions need not read them again.
_READ = WeakIdKeyDictionary()


def _read(texts: torch.Tensor) -> torch.Tensor:
    """The embeddings of (N, C, LENGTH) characters: (N, C, FEATURES). Those of many are kept in the cache folder."""
    encoder = copy.deepcopy(text_encoder()).to(texts.device)
    if len(texts) < MANY:
        return _read_anew(texts, encoder)
    about = hashlib.sha256(texts.cpu().numpy().tobytes())
    for weight in encoder.state_dict().values():
        about.update(weight.cpu().numpy().tobytes())
    name = f"embeddings-{len(texts)}x{texts.shape[1]}-{about.hexdigest()[:16]}"
    arrays = cached_arrays(name, lambda: {"embeddings": _read_anew(texts, encoder).cpu().numpy()}, compressed=False)
    return torch.from_numpy(arrays["embeddings"]).to(texts.device)


def _read_anew(texts: torch.Tensor, encoder: torch.nn.Module) -> torch.Tensor:
    """What `encoder` makes of them."""
    with use_threads(ALL_THREADS):
        # Many pictures share a caption: each different one is read once.
        different, which = texts.flatten(0, 1).unique(dim=0, return_inverse=True)
        parts = tqdm(different.split(PART), desc="reading captions", delay=2)
        return torch.cat([embed_characters(part, encoder) for part in parts])[which].view(*texts.shape[:2], -1)


class Dealer:
    """Deals captioned batches: pictures by their rows, each with one of its captions and `wrongs` that do not fit.

    `rows` (K,) int64 are the pictures to be dealt: each once or, if `evenly`, so often that each food comes about as
    often as the others. `kinds` are the odds of the kinds of mistakes in wrong texts (see `wrong_texts_by_kind`); of
    free captions each that was written for another picture counts as wrong (Reed et al. 2016, section 4.2), and `kinds`
    do not count. With a `pack` above 1 so many pictures that fit one caption stand together. All of it lies on the
    fastest device: 0.5 GB for 30,000 pictures of 64 pixels.
    """

    def __init__(
        self,
        images: torch.Tensor,
        table: CaptionTable,
        *,
        wrongs: int = 1,
        kinds: Sequence[float] | None = None,
        evenly: bool = False,
        pack: int = 1,
    ):
        self.rows = torch.arange(len(images))
        if evenly:
            food = table.codes[:, 0].long().cpu()
            there = food.bincount()[food]  # (N,) pictures of the same food
            self.rows = self.rows.repeat_interleave((there.max() / there).round().long())
        self.images = images.to(device())
        there = {name: getattr(table, name).to(device()) for name in ("texts", "stated", "codes")}
        self.table = table._replace(**there)
        self.wrongs, self.kinds, self.pack = wrongs, kinds, pack
        if table.texts not in _READ:
            _READ[table.texts] = _read(self.table.texts)
        self.embeddings = _READ[table.texts]

    def deal(self, rows: torch.Tensor) -> Captioned:
        """The batch of the pictures `rows`, (N,) int64, on the fastest device.

        In packs only every `pack`-th of the rows is dealt, each followed by others that fit its caption.
        """
        where, codes = self.images.device, self.table.codes
        rows, captions = rows[:: self.pack].to(where), self.table.texts.shape[1]
        picked = torch.randint(captions, (len(rows),), device=where)
        packs = self._packs(rows, picked)  # (N / pack, pack)
        other = torch.randint(len(self.images), (CANDIDATES,), device=where)
        others = torch.randint(captions, (CANDIDATES,), device=where)
        if self.table.free:
            contradicting = (rows[:, None] != other[None])[..., None]
        else:
            each = contradictions(codes[packs.flatten()], codes[other], self.table.stated[other, others])
            each = each.unflatten(0, packs.shape)
            # Wrong is what fits none of the pack.
            contradicting = each[:, 0] & each.any(3).all(1)[..., None]
        if self.kinds is None or self.table.free:
            wrong = wrong_texts(contradicting, self.wrongs)
        else:
            wrong = wrong_texts_by_kind(contradicting, self.kinds, self.wrongs)
        wrong = wrong.T.repeat_interleave(self.pack, 1).flatten()
        return Captioned(
            self.images[packs.flatten()].float() / 127.5 - 1,
            self.embeddings[rows, picked].repeat_interleave(self.pack, 0),
            self.embeddings[other[wrong], others[wrong]],
        )

    def _packs(self, rows: torch.Tensor, picked: torch.Tensor) -> torch.Tensor:
        """Each of `rows` with others that its caption fits, the `picked` one: (N, pack)."""
        if self.pack == 1:
            return rows[:, None]
        fitting = fits(self.table.codes, self.table.codes[rows], self.table.stated[rows, picked]).T.float()
        alone = fitting.sum(1) < self.pack
        fitting[~alone] = fitting[~alone].scatter(1, rows[~alone, None], 0.0)  # another one, if there is another
        return torch.cat([rows[:, None], torch.multinomial(fitting, self.pack - 1, replacement=True)], 1)
