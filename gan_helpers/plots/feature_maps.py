"""What a network sees in pictures: some of its feature maps, side by side."""

import torch

from gan_helpers.plots.figures import TEXT_SIZE, Picture, bare, new_figure
from gan_helpers.plots.images import image_batch


def show_feature_maps(pictures: dict[str, torch.Tensor], maps: dict[str, torch.Tensor]) -> Picture:
    """A figure with a row for each of `pictures`, name -> (3, H, W): the picture, then its `maps`, name -> (K, h, w).

    The same map of all pictures has the same grey scale, from the lowest number (black) to the highest (white).
    """
    k = len(next(iter(maps.values())))
    alt = f"{k} feature maps of each of {', '.join(pictures)}"
    figure, axes = new_figure(1.5 * (k + 1), 1.4 * len(pictures), alt, columns=k + 1, rows=len(pictures))
    every = torch.stack(list(maps.values())).float().cpu()  # (P, K, h, w)
    low, high = every.amin((0, 2, 3)), every.amax((0, 2, 3))
    for row, (name, picture) in enumerate(pictures.items()):
        first = axes[row * (k + 1)]
        first.imshow(image_batch(picture[None])[0].permute(1, 2, 0).numpy(), interpolation="nearest")
        first.set_ylabel(name, size=TEXT_SIZE)
        for column in range(k):
            axes[row * (k + 1) + 1 + column].imshow(
                every[row, column].numpy(), cmap="gray", vmin=low[column].item(), vmax=high[column].item()
            )
    for ax in axes:
        bare(ax)
    return figure
