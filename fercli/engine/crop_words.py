"""Describe how faces are cut out and in which size the network sees them, in the words of published protocols."""

from collections.abc import Mapping
from typing import Any

from fercli.engine.run_options import InputOptions
from fercli.protocol import NOT_SAID

DETECTORS = {"WholeImage": "whole image", "Given": "given", "MTCNN": "MTCNN"}
EYES = {"eye_distance": 0.35, "eye_height": 0.40}  # the defaults of `fercli preprocess`


def crop_in_words(inputs: InputOptions, meta: Mapping[str, Any]) -> str:
    """Describe how the images of a store were cut out, and the size that the network sees.

    For the defaults on RAF-DB with the augmentation of Farzaneh 2020: `aligned images of the release, 90 x 90 of
    100 x 100`. "Not said" if the store does not record its options.

    Args:
        meta: content of the store's dataset.json.
    """
    options = meta.get("options", {})
    if not options:
        return NOT_SAID
    image = meta.get("image", {})
    where, size = _cut_out(options, meta.get("protocol", {})), _size(inputs, image.get("size"))
    if image.get("channels") == 1 and inputs.channels == 3:
        where = f"{where}, gray"
    if not inputs.context:
        return f"{where}, {size}"
    context, side = options["context"], inputs.size
    masked = " without the face" if inputs.hide_face else ""
    scene = f"scene{masked} {side} x {side} of {context['height']} x {context['width']}"
    return f"{where}, face {size}, {scene}"


def detector_of(options: Mapping[str, Any]) -> str:
    """Return what finds the faces: `whole image`, `given`, `MTCNN`, or the class name of another detector."""
    detector = options["detector"]
    name = detector["_target_"].rpartition(".")[2]
    if name == "automatic":
        return "whole image" if detector["cropped"] else "given" if detector["given"] else "MTCNN"
    return DETECTORS.get(name, name)


def _cut_out(options: Mapping[str, Any], facts: Mapping[str, Any]) -> str:
    """Return detector, alignment and margin. For whole images, return the `crop` of `facts`: what the images are."""
    crop, found = options["crop"], detector_of(options)
    if found == "whole image":
        return ", ".join([facts.get("crop", "whole images"), *_changed_pixels(options)])
    parts = {"given": [] if crop["align"] == "eyes" else ["given faces"]}.get(found, [found])
    least = options["detector"].get("min_confidence", 0)
    parts += [f"confidence of at least {least:g}"] if found == "MTCNN" and least else []
    every = options["detector"].get("every", 1)
    parts += [f"every {every} frames and followed in between"] if found == "MTCNN" and every > 1 else []
    if crop["align"] == "eyes":
        changed = [f"{name.replace('_', ' ')} {crop[name]:g}" for name, usual in EYES.items() if crop[name] != usual]
        parts += ["aligned by the eyes", *changed]
    else:
        parts += ["aligned by five points"] if crop["align"] == "five_point" else []
        parts.append(f"margin {crop['margin']:g}")
    parts += ["the middle where no face is found"] if options["no_face"] == "center" else []
    return ", ".join(parts + _changed_pixels(options))


def _changed_pixels(options: Mapping[str, Any]) -> list[str]:
    """Return what was done on purpose to every image of the store."""
    damage = options.get("damage", {})
    quality = damage.get("jpeg_quality")
    parts = [] if quality is None else [f"JPEG of quality {quality}"]
    return parts + (["red and blue exchanged"] if damage.get("swap_colors") else [])


def _size(inputs: InputOptions, stored: int | None) -> str:
    """Return the size in pixels that the network sees, and the size of the image that it is cut from.

    Args:
        stored: side of the images of the store; named where it is smaller than usual, so that they are enlarged.
    """
    size, whole = inputs.size, inputs.whole
    seen = f"{size} x {size}" + (f" of {whole} x {whole}" if whole != size else "")
    return f"{seen}, enlarged from {stored} x {stored}" if stored and stored < min(size, inputs.stored) else seen
