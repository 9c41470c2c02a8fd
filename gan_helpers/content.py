"""The network in whose eyes SRGAN's enlargements should be like the originals: the content network."""

from functools import cache

import torch
import torch.nn.functional as F
from torch import nn

from gan_helpers.models.efficientnet_lite import FirstStages
from gan_helpers.runtime import place

VGG_SCALE = 1 / 12.75  # Ledig et al. 2017, section 3.2
IMAGENET_MEAN, IMAGENET_DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # what torchvision's weights expect


class EfficientNetContent(nn.Module):
    """The first three stages of EfficientNet-Lite0, each scaled by SCALES, of pictures shown at twice their size.

    It halves a picture in its first layer and again in its second stage, and where it does it is nearly blind to
    patterns of single pixels: G would fill its pictures with them. Shown twice as large they are patterns of two
    pixels, which it sees. (VGG19, the paper's, looks twice at full size before it halves.)
    """

    # So that of a bicubic enlargement each stage's part of the content loss is as large as the pixel loss. With a third
    # of that, the adversarial loss of weight 1e-3 takes pictures further away in the eyes of the judging network.
    SCALES = (0.0436, 0.0206, 0.0223)
    description = "the first three stages of EfficientNet-Lite0, shown pictures at twice their size"

    def __init__(self):
        super().__init__()
        self.look = FirstStages("lite0", stages=len(self.SCALES))

    def forward(self, images: torch.Tensor) -> list[torch.Tensor]:
        """Three feature maps of pictures (N, 3, H, W) in [-1, 1]."""
        doubled = F.interpolate(images, scale_factor=2, mode="bilinear", align_corners=False)
        return [scale * maps for scale, maps in zip(self.SCALES, self.look(doubled), strict=True)]


class VGGContent(nn.Module):
    """What the paper takes: VGG19 behind its 16th convolution, conv5_4, divided by 12.75 (sections 2.2.1 and 3.2).

    Downloads 548 MB at its first use. Raises ConnectionError where it cannot, saying what to do.
    """

    description = "conv5_4 of VGG19"

    def __init__(self):
        super().__init__()
        from torchvision import models  # takes a second

        try:
            vgg = models.vgg19(weights=models.VGG19_Weights.IMAGENET1K_V1)
        except OSError as error:
            raise ConnectionError(
                f"the weights of VGG19 (548 MB) cannot be downloaded: {error}. Without a network take "
                'content_network("efficientnet"), which is installed.'
            ) from error
        self.look = vgg.features[:36].eval().requires_grad_(False)  # up to the ReLU of conv5_4
        for name, values in {"mean": IMAGENET_MEAN, "deviation": IMAGENET_DEVIATION}.items():
            self.register_buffer(name, torch.tensor(values)[:, None, None])

    def forward(self, images: torch.Tensor) -> list[torch.Tensor]:
        """One feature map (N, 512, H/16, W/16) of pictures (N, 3, H, W) in [-1, 1]."""
        return [VGG_SCALE * self.look(((images + 1) / 2 - self.mean) / self.deviation)]


CONTENT_NETWORKS = {"efficientnet": EfficientNetContent, "vgg19": VGGContent}


@cache
def content_network(name: str = "efficientnet") -> nn.Module:
    """The content network `name`, ready to use on the fastest device: pictures in [-1, 1] -> a list of feature maps.

    "efficientnet" is installed; "vgg19", the paper's, is downloaded when asked for. A line says which is used. Raises
    KeyError for another name, ConnectionError and ModuleNotFoundError where weights are missing.
    """
    if name not in CONTENT_NETWORKS:
        raise KeyError(f"no content network is named {name!r}; there are: {', '.join(CONTENT_NETWORKS)}.")
    network = place(CONTENT_NETWORKS[name]()).eval().requires_grad_(False)
    print(f"content network: {network.description}")
    return network
