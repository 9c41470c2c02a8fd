"""Typing errors on purpose, so that the text encoder learns to read over them."""

import torch

KINDS = 4  # left out, typed twice, swapped with the next, another letter


def with_typos(texts: torch.Tensor, share: float) -> torch.Tensor:
    """The `texts`, (N, L) uint8 as `characters` gives them, a `share` of them with one typing error; (N, L) uint8.

    A letter is left out, typed twice, swapped with the next one, or another one stands in its place. Empty texts stay.
    """
    n, length = texts.shape
    kind = torch.where(torch.rand(n) < share, torch.randint(KINDS, (n,)), KINDS)
    room = (texts != 0).sum(1) - (kind == 2).long()  # the last letter has no next one to be swapped with
    place = (torch.rand(n) * room).long()[:, None]  # (N, 1)
    kind = torch.where(room > 0, kind, KINDS)[:, None]
    at = torch.arange(length).expand(n, length)
    shift = torch.zeros_like(at)
    shift += (kind == 0) * (at >= place).long()
    shift -= (kind == 1) * (at > place).long()
    shift += (kind == 2) * ((at == place).long() - (at == place + 1).long())
    source = at + shift
    typed = torch.where(source < length, texts.gather(1, source.clamp(max=length - 1)), 0)
    letter = torch.randint(1, 27, (n, 1), dtype=torch.uint8)
    return torch.where((kind == 3) & (at == place), letter, typed)
