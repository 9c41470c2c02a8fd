"""What the live view of a super-resolution training draws."""

from collections.abc import Callable

import torch
from matplotlib.axes import Axes

from gan_helpers.modes import evaluating
from gan_helpers.pixels import as_bytes, as_floats, enlarge, shrink
from gan_helpers.plots.images import images_in
from gan_helpers.sr_scores import psnr


def watch_enlargement(nets, real: torch.Tensor) -> Callable[[Axes], str]:
    """For `training(show=...)`: draws bicubic, what G makes now, and the original, and says their PSNR.

    `real` is (1, 3, H, W) in [-1, 1], a photo or a part of one that no training step sees; 4 divides H and W.
    """
    small = shrink(real)
    bicubic = as_floats(as_bytes(enlarge(small)))
    plain = psnr(bicubic, real)

    def show(ax: Axes) -> str:
        first = next(nets.generator.parameters())
        with evaluating(nets.generator), torch.no_grad():
            made = nets.generator(small.to(first.device)).float().cpu().clamp(-1, 1)
        images_in(ax, torch.cat([bicubic, made, real]), columns=3, title="bicubic | now | original")
        now = psnr(made, real)
        return f"PSNR of this part {now:.2f} dB, bicubic {plain:.2f} dB: {now - plain:+.2f} dB."

    return show
