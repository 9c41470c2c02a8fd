"""Helpers of the GAN workshop: everything that is not the subject of a lesson."""

from gan_helpers.clock import training
from gan_helpers.datasets.digits import load_digits
from gan_helpers.datasets.plane import target
from gan_helpers.descent import explore_learning_rate
from gan_helpers.digit_scores import read_digits, score_digits
from gan_helpers.drawing import draw_digit
from gan_helpers.exercises import check, quiz
from gan_helpers.metrics import density_and_coverage, nearest
from gan_helpers.playground import latent_map, latent_walk
from gan_helpers.readiness import doctor
from gan_helpers.runtime import ALL_THREADS, pace, place, start
from gan_helpers.speed import seconds_of, time_products
from gan_helpers.verdict import diagnose
from gan_helpers.watch import quality_of_digits, samples, watch_digits, watch_plane
from gan_helpers.weights import load_shipped_pair

__all__ = [
    "ALL_THREADS",
    "check",
    "density_and_coverage",
    "diagnose",
    "doctor",
    "draw_digit",
    "explore_learning_rate",
    "latent_map",
    "latent_walk",
    "load_digits",
    "load_shipped_pair",
    "nearest",
    "pace",
    "place",
    "quality_of_digits",
    "quiz",
    "read_digits",
    "samples",
    "score_digits",
    "seconds_of",
    "start",
    "target",
    "time_products",
    "training",
    "watch_digits",
    "watch_plane",
]
