"""Networks and their optimizers as two NamedTuples with the same fields, such as GAN(generator, discriminator)."""

import contextlib

import torch
from torch import nn


def check_pair(nets, opts) -> None:
    """Raise TypeError or ValueError unless `nets` and `opts` are NamedTuples of networks and of their optimizers."""
    for word, pair, kind, what in (
        ("nets", nets, nn.Module, "networks"),
        ("opts", opts, torch.optim.Optimizer, "optimizers"),
    ):
        wanted = f"{word} should be a NamedTuple of {what}, such as GAN(generator=..., discriminator=...)"
        if not isinstance(pair, tuple) or not getattr(pair, "_fields", ()):
            raise TypeError(f"{wanted}; a {type(pair).__name__} came.")
        for name, member in zip(pair._fields, pair, strict=True):
            if not isinstance(member, kind):
                swapped = isinstance(member, (nn.Module, torch.optim.Optimizer))
                hint = " The networks come before their optimizers." if swapped else ""
                raise TypeError(f"{wanted}; {name} is a {type(member).__name__}.{hint}")
    if nets._fields != opts._fields:
        raise ValueError(
            f"nets and opts should have the same fields; {', '.join(nets._fields)} and {', '.join(opts._fields)} came."
        )
    weights = {name: {id(weight) for weight in net.parameters()} for name, net in zip(nets._fields, nets, strict=True)}
    for name, opt in zip(opts._fields, opts, strict=True):
        updated = {id(weight) for group in opt.param_groups for weight in group["params"]}
        if weights[name] and not weights[name] & updated:
            other = next((theirs for theirs, ids in weights.items() if ids & updated), None)
            instead = f"those of {other}" if other else "others: was the network made anew after its optimizer?"
            raise ValueError(f"opts.{name} should update the parameters of nets.{name}; it updates {instead}.")


def device_of(nets) -> torch.device:
    """Where the first parameter of the networks lies; the processor when they have none."""
    return next((parameter.device for net in nets for parameter in net.parameters()), torch.device("cpu"))


def learning_rates(opts) -> dict[str, float]:
    """The learning rate of each optimizer's first parameter group, by name."""
    return {name: float(opt.param_groups[0]["lr"]) for name, opt in zip(opts._fields, opts, strict=True)}


def set_learning_rate(optimizer: torch.optim.Optimizer, value: float) -> None:
    """Make `value` the learning rate of the first parameter group, and change the others in proportion."""
    factor = value / float(optimizer.param_groups[0]["lr"])
    for group in optimizer.param_groups:
        if isinstance(group["lr"], torch.Tensor):
            group["lr"].mul_(factor)
        else:
            group["lr"] *= factor
    first = optimizer.param_groups[0]
    if not isinstance(first["lr"], torch.Tensor):
        first["lr"] = value  # exactly, without the rounding of the division


def random_states(nets) -> dict[str, torch.Tensor]:
    """Where torch's random generators stand: the processor's, and that of the networks' device."""
    states, device = {"cpu": torch.get_rng_state()}, device_of(nets)
    if device.type == "cuda":
        states["cuda"] = torch.cuda.get_rng_state(device)
    elif device.type == "mps":
        states["mps"] = torch.mps.get_rng_state()
    return states


def set_random_states(states: dict[str, torch.Tensor], nets) -> None:
    """Put back what `random_states` noted; a device that was not there then keeps its own state."""
    torch.set_rng_state(states["cpu"])
    device = device_of(nets)
    if device.type == "cuda" and "cuda" in states:
        torch.cuda.set_rng_state(states["cuda"], device)
    elif device.type == "mps" and "mps" in states:
        torch.mps.set_rng_state(states["mps"])


@contextlib.contextmanager
def undisturbed(nets):
    """Let something look at the networks; random state, buffers and train/eval modes are put back afterwards.

    Pictures come when there is time for them: if they left traces, no training could be repeated.
    """
    modes = [(module, module.training) for net in nets for module in net.modules()]
    buffers = [(buffer, buffer.clone()) for net in nets for buffer in net.buffers()]
    states = random_states(nets)
    try:
        yield
    finally:
        set_random_states(states, nets)
        for module, mode in modes:
            module.training = mode
        with torch.no_grad():
            for buffer, kept in buffers:
                buffer.copy_(kept)
