"""One picture of any size through a super-resolution network, in tiles, so that memory stays bounded."""

from collections.abc import Iterator

import torch

from gan_helpers.models.srgan import FACTOR, SRGenerator, reach
from gan_helpers.modes import evaluating
from gan_helpers.pixels import as_bytes
from gan_helpers.runtime import ALL_THREADS, use_threads

TILE = 128  # small pixels across of what is enlarged at a time


def upscaled(
    small: torch.Tensor, generator: SRGenerator, *, tile: int | None = TILE, progress: bool = False
) -> torch.Tensor:
    """What `generator` makes of one picture (3, h, w) in [-1, 1]: (3, 4h, 4w) uint8, on the processor.

    Worked out in squares of `tile` small pixels, each with as many more round it as can matter to it (see `reach`), so
    that no seam can show; None for all in one piece. With `progress` a bar shows how far it is.
    """
    large = torch.empty(3, small.shape[1] * FACTOR, small.shape[2] * FACTOR, dtype=torch.uint8)
    where = next(generator.parameters()).device
    tiles = list(_tiles(*small.shape[1:], tile or max(small.shape[1:])))
    if progress:
        from tqdm.auto import tqdm

        tiles = tqdm(tiles, desc="enlarging", unit="tile", delay=2)
    margin = reach(generator)
    with evaluating(generator), torch.no_grad(), use_threads(ALL_THREADS):
        for rows, columns in tiles:
            top, left = max(0, rows.start - margin), max(0, columns.start - margin)
            seen = small[:, top : rows.stop + margin, left : columns.stop + margin]
            made = generator(seen[None].to(where))[0]
            made = made[:, (rows.start - top) * FACTOR :, (columns.start - left) * FACTOR :]
            height, width = ((part.stop - part.start) * FACTOR for part in (rows, columns))
            target = large[:, rows.start * FACTOR : rows.stop * FACTOR, columns.start * FACTOR : columns.stop * FACTOR]
            target.copy_(as_bytes(made[:, :height, :width]))
    return large


def _tiles(height: int, width: int, tile: int) -> Iterator[tuple[slice, slice]]:
    for top in range(0, height, tile):
        for left in range(0, width, tile):
            yield slice(top, min(top + tile, height)), slice(left, min(left + tile, width))
