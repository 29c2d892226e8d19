"""Heat maps of `fercli predict`: what the prediction for each of some faces comes from."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import torch

from fercli.errors import ConfigError, printable
from fercli.figures.figure import save_figure
from fercli.figures.grad_cam import (
    FieldScores,
    StreamHeat,
    affect_raised_or_lowered,
    class_scores,
    grad_cam_figure,
    heats,
    raised_or_lowered,
    stream_heat,
)
from fercli.figures.predict import of_person
from fercli.figures.short_names import short
from fercli.figures.shown import Seen, as_seen
from fercli.inference.explained import Explained, ExplainedFace
from fercli.inference.model import Model
from fercli.inference.network import RunNetwork
from fercli.inference.outputs import NetworkInput, Outputs
from fercli.methods.base import Method

AT_A_TIME = 8  # faces whose gradients are held in memory
LETTERS = 20  # of a name above a face


def require_heat(model: Model) -> None:
    """Make sure that Grad-CAM can explain a run, by a black image.

    Raises:
        ConfigError: it predicts nothing, or no prediction of it comes from a feature map; the message says why.
    """
    reasons, expected = [], "--grad-cam expects a run whose prediction comes from a feature map"
    if not model.columns:
        raise ConfigError(f"{expected}; {printable(model.name)} gives features alone, and predicts nothing")
    shown = _seen(model, [model.black])
    for stream in _method(model).streams(shown.batch):
        try:
            stream_heat(stream, shown, _scores(model), np.zeros(1, dtype=np.int64))
            return
        except ConfigError as error:
            reasons.append(f"{stream.name}: {error}")
    found = "; ".join(reasons) or "its method names no network that reads images"
    raise ConfigError(f"{expected}; that of {printable(model.name)} comes from none ({found}). Leave --grad-cam out")


def explanations(explained: Explained, model: Model, out: Path) -> list[Path]:
    """Write the heat maps of predicted faces: one figure of all images, and one of each person of a video.

    A run that reads face and scene has a figure of each.
    """
    written = []
    if explained.images:
        written += _written(model, explained.images, "", lambda folder: folder / "images.png", out)
    for (source, name), moments in explained.moments().items():
        written += _written(model, moments, f"{source}, {name}", partial(of_person, source=source, name=name), out)
    return written


def _written(
    model: Model, faces: Sequence[ExplainedFace], heading: str, file: Callable[[Path], Path], out: Path
) -> list[Path]:
    """Write a figure for each stream of the network."""
    questions = [(face, *question) for face in faces for question in _questions(model, face.said)]
    titles = [
        f"{short(face.place, LETTERS)}\n{face.face}{': ' if face.face else ''}{short(answer, LETTERS)}"
        for face, answer, _ in questions
    ]
    found = _heats(model, [face.read for face, *_ in questions], np.array([index for *_, index in questions]))
    written = []
    for heat in found:
        picture = grad_cam_figure(heat.images, heat.maps, titles, heading=heading, caption=heat.caption(_what(model)))
        target = file(out / ("grad-cam" if heat.stream == "face" else "grad-cam-context"))
        save_figure(picture, target)
        written.append(target)
    return written


def _heats(model: Model, inputs: Sequence[NetworkInput], chosen: np.ndarray) -> list[StreamHeat]:
    """Return the heat maps of each stream, for the score `chosen` (n,) of each of n inputs."""
    found: dict[str, StreamHeat] = {}
    for start in range(0, len(inputs), AT_A_TIME):
        some = slice(start, start + AT_A_TIME)
        for heat in heats(_method(model), _seen(model, inputs[some]), _scores(model), chosen[some]):
            before = found.get(heat.stream)
            if before is not None:
                heat = heat._replace(images=before.images + heat.images, maps=before.maps + heat.maps)
            found[heat.stream] = heat
    return list(found.values())


def _method(model: Model) -> Method:
    assert isinstance(model.network, RunNetwork)
    return model.network.method


def _seen(model: Model, inputs: Sequence[NetworkInput]) -> Seen:
    """Return what the network reads, on its device and in the form that it takes."""
    assert isinstance(model.network, RunNetwork)
    images = np.stack([one.image for one in inputs])
    scenes, landmarks = ([getattr(one, name) for one in inputs] for name in ("scene", "landmarks"))
    optional = (None if values[0] is None else np.stack(values) for values in (scenes, landmarks))
    with torch.no_grad():
        return as_seen(_method(model), model.network.batch(images, *optional))


def _scores(model: Model) -> FieldScores:
    if model.classifies:
        return class_scores
    return raised_or_lowered if "predicted_score" in model.columns else affect_raised_or_lowered


def _questions(model: Model, said: Outputs) -> list[tuple[str, int]]:
    """Return the answers of a run that are explained, and the place of each among its scores, see `_scores`."""
    if model.classifies:
        name = said["predicted"]
        return [(f"{name} {said['prob_' + name]:.0%}", model.classes.index(name))]
    if "predicted_score" in said:
        points = f"{said['predicted_score']:.1f}"
        return [(f"raises {points}", 0), (f"lowers {points}", 1)]
    affect = [(name, said[f"predicted_{name}"]) for name in ("valence", "arousal")]
    return [(f"{name} {value:+.2f}", i if value >= 0 else 2 + i) for i, (name, value) in enumerate(affect)]


def _what(model: Model) -> str:
    if model.classifies:
        return "where the predicted class comes from"
    if "predicted_score" in model.columns:
        return "what raises the score, and what lowers it"
    return "what raises valence or arousal above 0, or lowers it below"
