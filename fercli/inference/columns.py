"""The columns of the tables that `fercli predict` writes, and what is known of them."""

from collections.abc import Sequence
from dataclasses import fields

from fercli.errors import ConfigError
from fercli.inference.held_out import HeldOut
from fercli.inference.model import Model
from fercli.inference.stream import column_names
from fercli.inference.watch import emotions
from fercli.monitor.monitor import Window
from fercli.scales import BDI_II, Scale

PLACE = ("source", "frame", "time", "face_found", "face", "person", "confidence", "left", "top", "right", "bottom")


def scale_of(models: Sequence[Model]) -> Scale:
    """Return the scale of the scores: that of the first run that predicts scores."""
    return next((model.scale for model in models if "predicted_score" in model.columns), BDI_II)


def held_out_of_columns(models: Sequence[Model]) -> dict[str, HeldOut]:
    """Return the held-out metric of each column that has one, see `column_names`."""
    return {
        own[name]: found
        for model, own in zip(models, column_names(models), strict=True)
        for name, found in model.held_out.items()
    }


def table_columns(models: Sequence[Model], is_monitored: bool) -> list[str]:
    """Return the columns of the table of predictions.

    Raises:
        ConfigError: a run predicts nothing for a face, or the monitor lacks emotions.
    """
    columns = list(PLACE)
    for own in column_names(models):
        if not own:
            raise ConfigError(
                "expected runs that predict expressions, valence and arousal, or a score; found a run with none of them"
            )
        columns += own.values()
    if is_monitored:
        if not emotions(models):
            raise ConfigError("the monitor watches emotions; give --run a run that predicts expressions")
        columns += [f.name for f in fields(Window) if f.name not in columns]
    return columns
