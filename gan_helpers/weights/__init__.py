"""What ships: weights and films, NAME.safetensors with its card NAME.json, made by `python -m gan_helpers train`."""

import json
from hashlib import sha256
from pathlib import Path

import safetensors.torch
import torch
from torch import nn

FOLDER = Path(__file__).parent
loaded: set[str] = set()  # names of the shipped weights that this process has used


def card(name: str) -> dict:
    """What made the shipped weights `name`, and what they score. Raises KeyError, naming those that ship."""
    path = FOLDER / f"{name}.json"
    if not path.exists():
        raise KeyError(f"no weights named {name!r} ship; there are: {', '.join(names()) or 'none'}.")
    return json.loads(path.read_text(encoding="utf-8"))


def names() -> list[str]:
    """The names of all shipped weights."""
    return sorted(path.stem for path in FOLDER.glob("*.safetensors"))


def whole(name: str) -> bool:
    """Whether the file of the shipped weights `name` is what its card says. Raises KeyError for an unknown name."""
    return _fits(_content(name), card(name))


def _content(name: str) -> bytes:
    return (FOLDER / f"{name}.safetensors").read_bytes()


def _fits(content: bytes, described: dict) -> bool:
    return sha256(content).hexdigest() == described["sha256"]


def load_shipped(net: nn.Module, name: str) -> dict:
    """Put the shipped weights `name` into `net`, in place, and return their card.

    Stored in half precision, used in the net's own. Raises KeyError for an unknown name and ValueError, with `net`
    unchanged, when the weights belong to another network or the file does not fit its card.
    """
    described, own = card(name), net.state_dict()
    stored = load_tensors(name)
    if {key: value.shape for key, value in stored.items()} != {key: value.shape for key, value in own.items()}:
        raise ValueError(
            f"the weights {name!r} belong to another network ({described['network']}); this one is unchanged."
        )
    net.load_state_dict({key: value.to(own[key].dtype) for key, value in stored.items()})
    return described


def load_tensors(name: str) -> dict[str, torch.Tensor]:
    """What the shipped file `name` holds, as stored.

    Raises KeyError for an unknown name and ValueError when the file does not fit its card.
    """
    described, content = card(name), _content(name)
    if not _fits(content, described):
        raise ValueError(
            f"the file of the weights {name!r} is damaged: install gan_helpers again, or `git checkout` it."
        )
    loaded.add(name)
    return safetensors.torch.load(content)


def save_shipped(net: nn.Module, name: str, about: dict, *, folder: Path = FOLDER) -> Path:
    """Write `net` (half precision) and its card `about` as NAME.safetensors and NAME.json; returns the first path.

    `about` needs "network" (how to build it). Both files are replaced whole or not at all.
    """
    half = {key: value.half() if value.is_floating_point() else value for key, value in net.state_dict().items()}
    return save_tensors(half, name, about, folder=folder)


def save_tensors(tensors: dict[str, torch.Tensor], name: str, about: dict, *, folder: Path = FOLDER) -> Path:
    """Write `tensors` as they are, and their card, as `save_shipped` does; returns the first path."""
    lasting = {key: value.contiguous().cpu() for key, value in tensors.items()}  # whatever layout it trains in
    content = safetensors.torch.save(lasting)
    about = {"name": name, **about, "bytes": len(content), "sha256": sha256(content).hexdigest()}
    folder.mkdir(parents=True, exist_ok=True)
    written = {
        folder / f"{name}.safetensors": content,
        folder / f"{name}.json": (json.dumps(about, indent=2) + "\n").encode(),
    }
    for path, data in written.items():
        path.with_suffix(path.suffix + ".tmp").write_bytes(data)
    for path in written:
        path.with_suffix(path.suffix + ".tmp").replace(path)
    return folder / f"{name}.safetensors"


def load_shipped_pair(nets, name: str) -> None:
    """Put the shipped weights NAME_generator and NAME_discriminator into the pair `nets`, and say so.

    For a live demo that must not depend on luck. Raises KeyError and ValueError as `load_shipped` does.
    """
    for part, net in nets._asdict().items():
        load_shipped(net, f"{name}_{part}")
    print(f"The networks now hold the shipped weights {name!r}, not your own training.")
