"""How the data of a run was prepared: new faces need the same preparation."""

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

from fercli.datasets.video import FrameSampling
from fercli.errors import ConfigError, DataError, RunError, reading
from fercli.preprocess.context import Context
from fercli.preprocess.shape_predictor import ShapePredictor
from fercli.runs.folder import RunFolder


def prepared_options(run: RunFolder) -> dict[str, Any]:
    """Return the options that the run's data was prepared with; empty for a data set that records none.

    Raises:
        RunError: `provenance.json` is damaged.
    """
    path = run.path / "provenance.json"
    run.require_sound(path)
    with reading(path, "how the run's data was prepared", error=RunError, remedy="put back the file of the run"):
        prepared: dict[str, Any] = json.loads(path.read_text("utf-8"))["data"].get("options", {})
        return prepared


def prepared_context(prepared: dict[str, Any], run: RunFolder) -> Context:
    """Return how the scenes of the run's data were kept.

    Raises:
        RunError: they were prepared with options that this version of fercli does not know.
    """
    try:
        return Context(**prepared | {"keep": True})
    except TypeError as error:
        raise RunError(
            f"the data of {run.path} was prepared by another version of fercli ({error}); prepare it and train again"
        ) from None


def frame_sampling(prepared: dict[str, Any] | None) -> FrameSampling:
    """Return which frames the data was prepared from; every frame for images, and for frames that came as images."""
    known = {f.name for f in fields(FrameSampling)}
    chosen = {name: value for name, value in (prepared or {}).items() if name in known}
    return FrameSampling(**chosen) if chosen else FrameSampling(frame_stride=1)


def shape_predictor(prepared: dict[str, str] | None, file: Path | None) -> ShapePredictor | None:
    """Return the shape predictor in the file, or else the one that the data was prepared with.

    Args:
        prepared: the predictor that the store records: its `sha256`, and `model`, the path that it had. An exported
            file holds no path.

    Raises:
        DataError: the file is missing.
        ConfigError: it holds another predictor, or no file is given and no path is recorded.
    """
    if prepared is None:
        return None if file is None else ShapePredictor(file)
    path = file or prepared.get("model")
    if path is None:
        raise ConfigError(
            f"the faces were cut out with dlib's shape predictor of sha256 {prepared['sha256'][:12]}; "
            "give its path with --landmarks"
        )
    try:
        predictor = ShapePredictor(path)
    except DataError as error:
        raise DataError(f"{error}\nThe run's data was prepared with it; give its path with --landmarks.") from None
    if predictor.facts["sha256"] != prepared["sha256"]:
        recorded = prepared.get("model")
        raise ConfigError(
            f"the run's data was prepared with the shape predictor {f'{recorded} ' if recorded else ''}of sha256 "
            f"{prepared['sha256'][:12]}; found {predictor.facts['sha256'][:12]} in {predictor.model}. "
            "Give the right one with --landmarks."
        )
    return predictor
