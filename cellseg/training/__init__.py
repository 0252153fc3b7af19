"""From movies with ground truth to a model: labels, clips, augmentation, loss, the loop."""

from cellseg.training.movies import Movie, read_movies, typical_diameter
from cellseg.training.settings import TrainingSettings, load_recipe
from cellseg.training.train_model import train_model
from cellseg.training.trainer import Trainer

__all__ = ["Movie", "Trainer", "TrainingSettings", "load_recipe", "read_movies", "train_model", "typical_diameter"]
