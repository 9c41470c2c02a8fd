"""Real photos of pizza and broccoli with captions: the part of COCO 2017 (Lin et al. 2014) that the course uses."""

from gan_helpers.datasets.coco.dataset import CocoPictures, load_coco

__all__ = ["CocoPictures", "load_coco"]
