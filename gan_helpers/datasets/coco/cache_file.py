"""The prepared pictures of both splits in one file in the format of safetensors: opened at once, whatever its size.

It is written piece by piece, so that preparing takes no more memory for more pictures; the library would need all of it
in memory, twice.
"""

import json
import os
import shutil
import struct
import tempfile
from collections.abc import Iterable
from pathlib import Path

import msgspec
import numpy as np
import torch
from safetensors import SafetensorError, safe_open

from gan_helpers.datasets.coco.annotations import Picture

VERSION = 1  # of what is in the file: whoever changes that, or how pictures are cut, counts on
FORMAT = "gan_helpers COCO pictures"


def file_name(size: int, crop: str, version: int = VERSION) -> str:
    """The name of the file of pictures of `size` pixels, cut in the way `crop`."""
    return f"coco-{size}px-{crop}-v{version}.safetensors"


def write_pictures(path: Path, size: int, splits: dict[str, Iterable[tuple[Picture, np.ndarray]]]) -> dict[str, int]:
    """Write what the `splits` yield, (picture, (size, size, 3) uint8), to `path`; the number of pictures in each.

    The file appears whole or not at all. Raises OSError where it cannot be written.
    """
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".preparing-") as scratch:
        blocks, counts = [], {}
        for split, pictures in splits.items():
            raw, records = Path(scratch, split), []
            with open(raw, "wb") as file:
                for picture, pixels in pictures:
                    file.write(np.ascontiguousarray(pixels.transpose(2, 0, 1)).data)
                    records.append(picture)
            told = Path(scratch, f"{split}-records")
            told.write_bytes(msgspec.json.encode(records))
            counts[split] = len(records)
            blocks += [(f"{split}.images", [len(records), 3, size, size], raw), (f"{split}.records", None, told)]
        whole = Path(scratch, "whole")
        with open(whole, "wb") as file:
            file.write(_header(blocks))
            for _, _, part in blocks:
                with open(part, "rb") as source:
                    shutil.copyfileobj(source, file, 1 << 20)
                part.unlink()
            file.flush()
            os.fsync(file.fileno())
        os.replace(whole, path)
    return counts


def _header(blocks: list[tuple[str, list[int] | None, Path]]) -> bytes:
    """The length and the names, shapes and places of the tensors: https://huggingface.co/docs/safetensors, "Format"."""
    header, at = {"__metadata__": {"format": FORMAT, "version": str(VERSION)}}, 0
    for name, shape, part in blocks:
        length = part.stat().st_size
        header[name] = {"dtype": "U8", "shape": shape or [length], "data_offsets": [at, at + length]}
        at += length
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text


def read_pictures(path: Path, split: str) -> tuple[torch.Tensor, list[Picture]]:
    """The pictures of a split, (N, 3, size, size) uint8 in [0, 255], and what COCO says of each.

    The pixels stay on the disk until they are looked at. Raises ValueError for a file that is damaged or of another
    kind.
    """
    try:
        with safe_open(path, "pt") as file:
            if (found := (file.metadata() or {}).get("format")) != FORMAT:
                raise ValueError(f"its format is {found!r}, not {FORMAT!r}")
            images = file.get_tensor(f"{split}.images")
            records = msgspec.json.decode(file.get_tensor(f"{split}.records").numpy().data, type=list[Picture])
    except (SafetensorError, msgspec.DecodeError, ValueError) as error:
        raise ValueError(
            f"{path} cannot be read ({error}). Delete it and run python -m gan_helpers data coco again: what was "
            "downloaded is still there."
        ) from error
    return images, records
