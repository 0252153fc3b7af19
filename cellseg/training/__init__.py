"""From movies with ground truth to a model: labels, clips, augmentation, loss, the loop."""

from cellseg.training.dataset_sequence import DatasetSequence
from cellseg.training.movies import Movie, read_movies, typical_diameter
from cellseg.training.own_movie import OwnMovie
from cellseg.training.own_stills import OwnStills
from cellseg.training.settings import TrainingSettings, load_recipe, suited_to
from cellseg.training.train_model import train_model
from cellseg.training.trainer import Trainer
from cellseg.training.truth import find_truth

__all__ = [
    "DatasetSequence",
    "Movie",
    "OwnMovie",
    "OwnStills",
    "Trainer",
    "TrainingSettings",
    "find_truth",
    "load_recipe",
    "read_movies",
    "suited_to",
    "train_model",
    "typical_diameter",
]
