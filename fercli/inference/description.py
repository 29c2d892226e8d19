"""What an exported network says of itself: how faces are cut out for it, and what its numbers mean.

An ONNX file carries these facts as its metadata, one JSON value for each key; `model.json` beside it has the same ones.
A file may come from anybody, so each value is checked before it is used.
"""

import math
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

from fercli.datasets.video import FrameSampling
from fercli.errors import ConfigError, DataError, printable
from fercli.inference.held_out import OUTPUTS, HeldOut
from fercli.inference.model import Model
from fercli.inference.network import Network
from fercli.inference.prepared import shape_predictor
from fercli.preprocess.context import Context
from fercli.preprocess.crop import Crop
from fercli.preprocess.no_face import CENTER, LEAVE_OUT, NO_FACE
from fercli.scales import Scale

FORMAT = 1
MOST_PIXELS = 4096  # along each side of an image
MOST_FRAMES = 1024  # of a clip
MOST_CLASSES = 1000
MOST_DECIMALS = 10
LONGEST_NAME = 200  # characters
COLORS = {"RGB": 3, "gray": 1}

Kind = TypeVar("Kind")


def describe(model: Model) -> dict[str, Any]:
    """Return the facts from which `described` makes the same model again; all are plain values, none is a path."""
    return {
        "format": FORMAT,
        "run": model.name,
        "classes": list(model.classes),
        "color_order": next(name for name, channels in COLORS.items() if channels == model.channels),
        "without_color": model.gray,
        "crop": asdict(model.crop),
        "no_face": CENTER if model.predicts_middle else LEAVE_OUT,
        "context": None if model.context is None else {"height": model.context.height, "width": model.context.width},
        "hide_face": model.hide_face,
        "clip": None if model.clip is None else {"length": model.clip[0], "stride": model.clip[1]},
        "sampling": asdict(model.sampling),
        "landmarks": None if model.predictor is None else {"sha256": model.predictor},
        "cuts_patches": model.cuts_patches,
        "scale": model.scale.document(),
        "run_accuracy": model.accuracy,
        "held_out": {name: found.document() for name, found in model.held_out.items()},
    }


def described(facts: Mapping[str, Any], network: Network, landmarks: Path | None = None) -> Model:
    """Return the model that facts describe.

    Args:
        facts: as `describe` returns them; further keys are ignored.
        landmarks: file of dlib's shape predictor, if the facts name one.

    Raises:
        DataError: a fact is missing, or is not what it must be.
        ConfigError: the shape predictor is another one, or is not given.
    """
    if _value(facts, "format", int) != FORMAT:
        raise DataError(f"the file has format {facts['format']}; this fercli reads {FORMAT}: export the run again")
    context, clip, predictor = (_part(facts, name) for name in ("context", "clip", "landmarks"))
    color = _value(facts, "color_order", str)
    if color not in COLORS:
        raise _wrong("color_order", " or ".join(COLORS), color)
    no_face = _value(facts, "no_face", str)
    if no_face not in NO_FACE:
        raise _wrong("no_face", " or ".join(NO_FACE), no_face)
    crop = _built(Crop, facts, "crop")
    _within(crop.size, MOST_PIXELS, "crop.size")
    sha256 = None if predictor is None else _sha256(predictor)
    return Model(
        name=_name(_value(facts, "run", str), "run"),
        network=network,
        classes=_classes(facts),
        crop=crop,
        channels=COLORS[color],
        gray=_value(facts, "without_color", bool),
        context=None if context is None else _context(context),
        hide_face=_value(facts, "hide_face", bool),
        clip=None if clip is None else (_number(clip, "length", MOST_FRAMES), _number(clip, "stride", 10**6)),
        landmarks=shape_predictor(None if sha256 is None else {"sha256": sha256}, landmarks),
        predictor=sha256,
        cuts_patches=_value(facts, "cuts_patches", bool),
        sampling=_built(FrameSampling, facts, "sampling"),
        predicts_middle=no_face == CENTER,
        scale=_scale(facts),
        accuracy=_accuracy(facts),
        held_out=_held_out(facts),
    )


def _wrong(key: str, expected: str, found: Any) -> DataError:
    return DataError(f"expected {key} as {expected}, found {printable(str(found))[:LONGEST_NAME]}")


def _value(facts: Mapping[str, Any], key: str, kind: type[Kind]) -> Kind:
    if key not in facts:
        raise DataError(f"expected the fact '{key}', found none: fercli export did not write this file")
    if type(facts[key]) is not kind:  # True would pass as a whole number
        raise _wrong(key, {"str": "text", "bool": "true or false", "int": "a number"}[kind.__name__], facts[key])
    return facts[key]


def _part(facts: Mapping[str, Any], key: str) -> dict[str, Any] | None:
    found = facts.get(key)
    if key not in facts or not isinstance(found, dict | None):
        raise _wrong(key, "null or keys with values", found)
    return found


def _built(kind: type[Kind], facts: Mapping[str, Any], key: str) -> Kind:
    """Build a value type that checks its own values; it says nothing of keys that it does not know."""
    content = _part(facts, key)
    try:
        return kind(**(content or {}))
    except (TypeError, ValueError, OverflowError, AttributeError, ConfigError):
        raise _wrong(key, f"the options of a {kind.__name__}", content) from None


def _number(part: Mapping[str, Any], key: str, most: int) -> int:
    return _within(_value(part, key, int), most, key)


def _within(number: int, most: int, key: str) -> int:
    if not 1 <= number <= most:
        raise _wrong(key, f"a number from 1 to {most:,}", number)
    return number


def _context(part: Mapping[str, Any]) -> Context:
    return Context(keep=True, height=_number(part, "height", MOST_PIXELS), width=_number(part, "width", MOST_PIXELS))


def _classes(facts: Mapping[str, Any]) -> tuple[str, ...]:
    found = facts.get("classes")
    if not isinstance(found, list) or len(found) > MOST_CLASSES or len({*map(str, found)}) < len(found):
        raise _wrong("classes", f"at most {MOST_CLASSES} different names", found)
    return tuple(_name(name, "classes") for name in found)


def _name(found: Any, key: str) -> str:
    if not isinstance(found, str) or not 0 < len(found) <= LONGEST_NAME or not found.isprintable():
        raise _wrong(key, f"1 to {LONGEST_NAME} printable characters", found)
    return found


def _sha256(predictor: Mapping[str, Any]) -> str:
    found = _value(predictor, "sha256", str)
    if len(found) != 64 or not set(found) <= set("0123456789abcdef"):
        raise _wrong("landmarks.sha256", "64 hexadecimal digits", found)
    return found


def _scale(facts: Mapping[str, Any]) -> Scale:
    content = _part(facts, "scale") or {}
    names = [content.get("name"), *(content.get("bands") or {})]
    if len(names) > MOST_CLASSES:
        raise _wrong("scale", f"at most {MOST_CLASSES} bands", len(names))
    for name in names:
        _name(name, "scale")
    return _built(Scale, facts, "scale")


def _accuracy(facts: Mapping[str, Any]) -> float | None:
    found = facts.get("run_accuracy")
    if found is None:
        return None
    if type(found) not in (int, float) or not 0 <= found <= 1:
        raise _wrong("run_accuracy", "a share from 0 to 1", found)
    return float(found)


def _held_out(facts: Mapping[str, Any]) -> dict[str, HeldOut]:
    parts = _part(facts, "held_out")
    if parts is None or not {*parts} <= {*OUTPUTS}:
        raise _wrong("held_out", "errors of " + ", ".join(OUTPUTS), parts)
    found = {name: _built(HeldOut, parts, name) for name in parts}
    for one in found.values():
        for text in (one.metric, one.label, one.unit or "-", one.data, one.units or "-"):
            _name(text, "held_out")
        for number in (one.value, one.low, one.high):
            if number is not None and not (type(number) in (int, float) and math.isfinite(number)):
                raise _wrong("held_out", "finite numbers", number)
        counts = type(one.decimals) is type(one.num_rows) is int and 0 <= one.decimals <= MOST_DECIMALS
        says = type(one.is_held_out) is type(one.is_error) is bool
        if not (counts and says) or one.num_rows < 0 or one.value is None:
            raise _wrong("held_out", "the error of a run on its own rows", asdict(one))
    return found
