"""Curves and bars: the losses' slopes, a run's history, shares of digits."""

import torch
import torch.nn.functional as F
from matplotlib.ticker import PercentFormatter

from gan_helpers.plots.figures import FAKE, INK, REAL, TEXT_SIZE, THIRD, Picture, new_figure


def gradient_of_losses() -> Picture:
    """A figure of the two losses G can descend, and of their slopes, against D's logit for a fake.

    Minimax: log(1 - D). Non-saturating: -log D (Goodfellow et al. 2014, section 3). The slopes are autograd's.
    """
    alt = "two losses for G and their slopes: the minimax slope vanishes where D is sure that the fake is fake"
    figure, axes = new_figure(8.6, 3.6, alt, columns=2)
    logits = torch.linspace(-8, 8, 321, requires_grad=True)
    losses = {
        "minimax: log(1 - D)": (-F.softplus(logits), REAL, "-"),
        "non-saturating: -log D": (F.softplus(-logits), FAKE, "--"),
    }
    for name, (loss, colour, style) in losses.items():
        (slope,) = torch.autograd.grad(loss.sum(), logits)
        for ax, values in zip(axes, (loss.detach(), slope.abs()), strict=True):
            ax.plot(logits.detach().numpy(), values.numpy(), color=colour, linestyle=style, label=name, linewidth=2)
    axes[0].set(title="loss of G", xlabel="D's logit for the fake")
    axes[1].set(title="size of its slope", xlabel="D's logit for the fake")
    axes[1].annotate("D is sure:\nG learns\nnothing here", (-6, 0.02), (-7.6, 0.35), size=TEXT_SIZE, color=REAL)
    axes[0].legend(fontsize=TEXT_SIZE, frameon=False)
    return figure


def compare_losses_with(history: dict[str, list], records: list, *, smooth: int = 50) -> Picture:
    """A figure of a run's losses above what was measured on its samples meanwhile.

    `history` and `records` are those of a run of the clock; each record is (step, {name: share in [0, 1]}). The losses
    are running means over `smooth` steps. Raises ValueError when there is nothing to draw.
    """
    if not history.get("step") or not records:
        raise ValueError("there is nothing to show yet: run the training cell above first.")
    figure, (above, below) = new_figure(8.6, 5.0, "losses of a run above the quality of its samples", rows=2)
    steps = torch.tensor(history["step"], dtype=torch.float32)
    window = max(1, min(smooth, len(steps) // 4))
    for name, colour, style in (("loss_d", REAL, "-"), ("loss_g", FAKE, "--")):
        values = torch.tensor(history[name], dtype=torch.float32)
        means = F.avg_pool1d(values[None, None], window, stride=1)[0, 0]
        above.plot(steps[window - 1 :].numpy(), means.numpy(), color=colour, linestyle=style, label=name)
    above.set(ylabel="loss", title="what the players say")
    colours = (THIRD, INK)
    for name, colour in zip(records[0][1], colours, strict=False):
        below.plot([step for step, _ in records], [shares[name] for _, shares in records], color=colour, marker="o",
                   markersize=4, label=name, linestyle="-" if colour is THIRD else ":")  # fmt: skip
    below.set(ylim=(0, 1), xlabel="step", title="what the samples show")
    below.yaxis.set_major_formatter(PercentFormatter(1.0))
    for ax in (above, below):
        ax.legend(fontsize=TEXT_SIZE, frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))
        ax.set_xlim(0, None)
    return figure


def plot_bars(shares: dict[str, torch.Tensor], *, expected: float) -> Picture:
    """A figure of bars: for each name in `shares` one panel with its shares (K,) in [0, 1], `expected` as a line."""
    figure, axes = new_figure(3.6 * len(shares), 2.8, f"bars for {', '.join(shares)}", columns=len(shares))
    highest = max(float(values.max()) for values in shares.values())
    for ax, (name, values) in zip(axes, shares.items(), strict=True):
        ax.bar(range(len(values)), values.tolist(), color=REAL)
        ax.axhline(expected, color=INK, linestyle=":", linewidth=1)
        ax.set(title=name, xticks=range(len(values)), ylim=(0, highest * 1.1))
        ax.yaxis.set_major_formatter(PercentFormatter(1.0))
    return figure
