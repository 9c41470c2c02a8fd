"""Helpers of the GAN workshop: everything that is not the subject of a lesson."""

from gan_helpers.arithmetic import latent_arithmetic, latent_concepts, random_z
from gan_helpers.averages import running_average
from gan_helpers.caption_match import caption_match
from gan_helpers.captioned import Dealer, caption_table
from gan_helpers.clock import training
from gan_helpers.content import content_network
from gan_helpers.datasets.coco import load_coco
from gan_helpers.datasets.digits import load_digits
from gan_helpers.datasets.food import load_food
from gan_helpers.datasets.food.kinds import load_pizzas
from gan_helpers.datasets.pictures import load_pictures
from gan_helpers.datasets.plane import target
from gan_helpers.descent import explore_learning_rate
from gan_helpers.digit_scores import read_digits, score_digits
from gan_helpers.drawing import draw_digit
from gan_helpers.embedding_map import explore_embeddings
from gan_helpers.exercises import check, quiz
from gan_helpers.faults import small_digits
from gan_helpers.few_labels import compare_features
from gan_helpers.films import load_film
from gan_helpers.food_scores import FoodJudge, food_reader, nearest_pictures, read_food
from gan_helpers.metrics import density_and_coverage, nearest
from gan_helpers.museum import behind_door, visit
from gan_helpers.opinion import vote
from gan_helpers.playground import latent_map, latent_walk
from gan_helpers.readiness import doctor
from gan_helpers.real_or_fake import real_or_fake
from gan_helpers.runtime import ALL_THREADS, pace, place, start
from gan_helpers.speed import seconds_in_turns, seconds_of, time_products
from gan_helpers.super_resolution import upscale
from gan_helpers.symptoms_measured import confusion, measured_cases, symptom_table
from gan_helpers.text import embed, text_encoder
from gan_helpers.text_playground import text_playground
from gan_helpers.text_to_image import draw, shipped_text_gan
from gan_helpers.text_to_image_scores import match_scores
from gan_helpers.tiles import upscaled
from gan_helpers.train_cyclegan import load_shipped_translators, shipped_translators
from gan_helpers.train_dcgan import shipped_dcgan
from gan_helpers.translation import noisy, places_kept, score_translation, translated
from gan_helpers.verdict import diagnose
from gan_helpers.watch import quality_of_digits, samples, watch_captions, watch_digits, watch_food, watch_plane
from gan_helpers.watch_enlargement import watch_enlargement
from gan_helpers.watch_translation import watch_translation
from gan_helpers.weights import card, load_shipped_pair

__all__ = [
    "ALL_THREADS",
    "Dealer",
    "FoodJudge",
    "behind_door",
    "caption_match",
    "caption_table",
    "card",
    "check",
    "compare_features",
    "confusion",
    "content_network",
    "density_and_coverage",
    "diagnose",
    "doctor",
    "draw",
    "draw_digit",
    "embed",
    "explore_embeddings",
    "explore_learning_rate",
    "food_reader",
    "latent_arithmetic",
    "latent_concepts",
    "latent_map",
    "latent_walk",
    "load_coco",
    "load_digits",
    "load_film",
    "load_food",
    "load_pictures",
    "load_pizzas",
    "load_shipped_pair",
    "load_shipped_translators",
    "match_scores",
    "measured_cases",
    "nearest",
    "nearest_pictures",
    "noisy",
    "pace",
    "place",
    "places_kept",
    "quality_of_digits",
    "quiz",
    "random_z",
    "read_digits",
    "read_food",
    "real_or_fake",
    "running_average",
    "samples",
    "score_digits",
    "score_translation",
    "seconds_in_turns",
    "seconds_of",
    "shipped_dcgan",
    "shipped_text_gan",
    "shipped_translators",
    "small_digits",
    "start",
    "symptom_table",
    "target",
    "text_encoder",
    "text_playground",
    "time_products",
    "training",
    "translated",
    "upscale",
    "upscaled",
    "visit",
    "vote",
    "watch_captions",
    "watch_digits",
    "watch_enlargement",
    "watch_food",
    "watch_plane",
    "watch_translation",
]
