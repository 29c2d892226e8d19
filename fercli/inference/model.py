"""One trained run that predicts faces, each cut out of its picture as those that it was trained on."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch

from fercli.batch import Batch
from fercli.config import Config
from fercli.datasets.hidden_face import hide_face
from fercli.datasets.video import FrameSampling
from fercli.engine.reload import reload
from fercli.engine.weights import move_to
from fercli.errors import ConfigError, DataError, RunError, reading
from fercli.methods.base import Method
from fercli.methods.shown import CutsPatches
from fercli.prediction import Prediction
from fercli.preprocess.align import transform
from fercli.preprocess.context import Context
from fercli.preprocess.crop import Crop, warp
from fercli.preprocess.face import Face
from fercli.preprocess.no_face import CENTER, face_to_cut
from fercli.preprocess.shape_predictor import NUM_LANDMARKS, ShapePredictor
from fercli.runs.folder import RunFolder

Outputs = dict[str, Any]

# How a face is cut out for a run on a data set of ready crops: upright and a little loose, as most of these sets are.
AS_CROPPED_SETS: dict[str, Any] = {"align": "none", "margin": 0.1}


@dataclass
class Model:
    """A run, ready for faces.

    Attributes:
        classes: names of the expressions that it knows, in the order of its probabilities; empty without any.
        crop: how a face is cut out.
        context: how the scene is kept; None where the method does not read it.
        landmarks: finds 68 landmarks in each face, by which it is cut out and which the method may read; None without.
            A method of clips does not get them.
        sampling: which frames of a video the run's data has.
        predicts_middle: of a picture in which no face is found, it predicts the middle, as its data was prepared.
        accuracy: of its expressions where it was predicted, None without.
    """

    method: Method
    config: Config
    classes: tuple[str, ...]
    crop: Crop
    context: Context | None
    landmarks: ShapePredictor | None = None
    sampling: FrameSampling = field(default_factory=lambda: FrameSampling(frame_stride=1))
    predicts_middle: bool = False
    accuracy: float | None = None

    @classmethod
    def of(cls, run: RunFolder, device: str = "cpu", *, trust: bool = False, landmarks: Path | None = None) -> "Model":
        """The model of a finished run.

        Args:
            landmarks: file of a shape predictor; None is the one that the run's data was prepared with, if any was.

        Raises:
            RunError: the run is not finished, or a file of it is missing or damaged.
            ConfigError: it predicts nothing; its configuration asks for code outside fercli, and `trust` is not given;
                no such device;
                dlib is needed and not installed; the run's data was prepared with another shape predictor.
            DataError: the shape predictor is missing.
        """
        config, method, recorded = reload(run, trust=trust)
        prepared = _prepared(run)
        move_to(method, device)
        method.eval()
        context = _context(prepared.get("context", {}), run) if config.inputs.context else None
        came_cropped = prepared.get("detector", {}).get("cropped", False)
        options = AS_CROPPED_SETS if came_cropped else prepared.get("crop", {})
        crop = Crop(prepared.get("size", config.data.size), **options)
        predictor = _shape_predictor(prepared.get("landmarks"), landmarks)
        sampling = _sampling(prepared.get("reader", {}).get("sampling"))
        # What the store was prepared with counts, not the configuration, which says only what is usual for its data.
        # In a data set of ready crops every picture is a face: nothing ever stood for one.
        middle = prepared.get("no_face") == CENTER and not came_cropped
        accuracy = recorded["metrics"].get("accuracy", {}).get("value")
        classes = tuple(recorded["data"]["classes"])
        model = cls(method, config, classes, crop, context, predictor, sampling, middle, accuracy)
        if not model.columns:
            raise ConfigError(
                f"{run.path} gives features and no answers of its own; give a run that predicts something"
            )
        return model

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The names of what it says of a face."""
        length = () if self.clip is None else (self.clip[0],)
        crops = np.zeros((1, *length, self.crop.size, self.crop.size, self.channels), np.uint8)
        scene = self.context
        scenes = None if scene is None else np.zeros((1, *length, scene.height, scene.width, self.channels), np.uint8)
        return tuple(self.predict_crops(crops, scenes)[0])

    @property
    def channels(self) -> int:
        """Of the images that the method reads: 3, or 1 for gray ones."""
        return int(self.config.data.get("channels", 3))

    @property
    def classifies(self) -> bool:
        """Whether it predicts an expression."""
        return "predicted" in self.columns

    @property
    def clip(self) -> tuple[int, int] | None:
        """Length and stride in frames of the clips that the method reads; None where it reads single images."""
        clip = self.config.inputs.clip
        return None if clip is None else (clip.length, clip.stride)

    def frame_step(self, rate: float) -> float:
        """Frames of a video of this rate, in frames a second, from one that is read to the next, as in training."""
        return self.sampling.step(rate)

    @property
    def guesses_landmarks(self) -> bool:
        """Whether the method puts patches on each face where a generic face has them, because none are found."""
        return isinstance(self.method, CutsPatches) and self.landmarks is None

    def pixels(self, image: np.ndarray, face: Face | None) -> np.ndarray:
        """(size, size, C) uint8 crop of a face, else of the middle, as the method was trained on, RGB or gray."""
        return self._cut(image, face_to_cut(image, face, self.landmarks))

    def _cut(self, image: np.ndarray, face: Face) -> np.ndarray:
        cut = warp(image, self.crop.matrix(face), self.crop.size, self.crop.interpolation)
        return self._in_channels(cut)

    def _in_channels(self, image: np.ndarray) -> np.ndarray:
        """(h, w, C) of an image (h, w) or (h, w, 3)."""
        is_gray = self.channels == 1 or self.config.data.get("gray")
        gray = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY) if image.ndim == 3 and is_gray else image
        if self.channels == 1:
            return gray[..., None]
        return cv2.cvtColor(gray, cv2.COLOR_GRAY2RGB) if gray.ndim == 2 else gray

    @torch.inference_mode()
    def predict(self, pictures: Sequence[tuple[np.ndarray, Face | None]]) -> list[Outputs]:
        """What the method says of faces in their pictures (H, W) or (H, W, 3) RGB uint8; without one, of the middle."""
        if not pictures:
            return []
        faces = [face_to_cut(image, face, self.landmarks) for image, face in pictures]
        crops = np.stack([self._cut(image, face) for (image, _), face in zip(pictures, faces, strict=True)])
        landmarks = None if self.landmarks is None else np.stack([self._landmarks(face) for face in faces])
        scenes = None if self.context is None else np.stack([self.scene(image, face) for image, face in pictures])
        return self.predict_crops(crops, scenes, landmarks)

    def scene(self, image: np.ndarray, face: Face | None) -> np.ndarray:
        """(h, w, C) uint8 scene around a face as the method was trained on, the face hidden where it was."""
        assert self.context is not None
        scene = self._in_channels(self.context.picture(image))
        box = self.context.box(image, face)
        if self.config.inputs.hide_face and box is not None:
            hide_face(np.moveaxis(scene, -1, 0), box)
        return scene

    def _landmarks(self, face: Face) -> np.ndarray:
        """(68, 2) in pixels of the crop; NaN for the middle of a picture, which has none, as a store gives them."""
        if face.landmarks is None:
            return np.full((NUM_LANDMARKS, 2), np.nan)
        return transform(face.landmarks, self.crop.matrix(face))

    @torch.inference_mode()
    def predict_crops(
        self, crops: np.ndarray, scenes: np.ndarray | None = None, landmarks: np.ndarray | None = None
    ) -> list[Outputs]:
        """What the method says of crops (n, size, size, C), or of clips (n, length, size, size, C).

        Args:
            scenes: (n, h, w, C), or of clips (n, length, h, w, C); None where the method reads none.
            landmarks: (n, 68, 2) in pixels of the crops, NaN for a face without.
        """
        batch = Batch(
            id=[str(i) for i in range(len(crops))],
            image=torch.from_numpy(crops).movedim(-1, -3).contiguous(),
            context=None if scenes is None else torch.from_numpy(scenes).movedim(-1, -3).contiguous(),
            landmarks=None if landmarks is None else torch.from_numpy(landmarks).float(),
        ).to(self.method.device)
        return self._outputs(self.method(self.method.augmented(batch)), len(crops))

    def _outputs(self, prediction: Prediction, num_faces: int) -> list[Outputs]:
        outputs: list[Outputs] = [{} for _ in range(num_faces)]
        if prediction.logits is not None and self.classes:
            for output, row in zip(outputs, torch.softmax(prediction.logits.double(), 1).cpu().numpy(), strict=True):
                output["predicted"] = self.classes[row.argmax()]
                output |= {f"prob_{name}": float(p) for name, p in zip(self.classes, row, strict=True)}
        if prediction.predicted_affect is not None:
            for output, (valence, arousal) in zip(outputs, prediction.predicted_affect.cpu().tolist(), strict=True):
                output |= {"predicted_valence": valence, "predicted_arousal": arousal}
        if prediction.predicted_score is not None:
            for output, score in zip(outputs, prediction.predicted_score.cpu().tolist(), strict=True):
                output["predicted_score"] = score
        return outputs


def _context(prepared: dict[str, Any], run: RunFolder) -> Context:
    """How the scenes of the run's data were kept.

    Raises:
        RunError: they were prepared with options that this fercli does not know.
    """
    try:
        return Context(**prepared | {"keep": True})
    except TypeError as error:
        raise RunError(
            f"the data of {run.path} was prepared by another version of fercli ({error}); prepare it and train again"
        ) from None


def _prepared(run: RunFolder) -> dict[str, Any]:
    """How the run's data was prepared; nothing of a data set that tells no options.

    Raises:
        RunError: the file does not say it.
    """
    path = run.path / "provenance.json"
    run.require_sound(path)
    with reading(path, "how the run's data was prepared", error=RunError, remedy="put back the file of the run"):
        prepared: dict[str, Any] = json.loads(path.read_text("utf-8"))["data"].get("options", {})
        return prepared


def _sampling(prepared: dict[str, Any] | None) -> FrameSampling:
    """Which frames the data was prepared from; images, and frames that came as images, are all taken."""
    known = {f.name for f in fields(FrameSampling)}
    chosen = {name: value for name, value in (prepared or {}).items() if name in known}
    return FrameSampling(**chosen) if chosen else FrameSampling(frame_stride=1)


def _shape_predictor(prepared: dict[str, str] | None, file: Path | None) -> ShapePredictor | None:
    """The predictor in the file, else the one that the data was prepared with.

    Args:
        prepared: what the store records of it.
    """
    if prepared is None:
        return None if file is None else ShapePredictor(file)
    try:
        predictor = ShapePredictor(file or prepared["model"])
    except DataError as error:
        raise DataError(f"{error}\nThe run's data was prepared with it; give its place with --landmarks.") from None
    if predictor.facts["sha256"] != prepared["sha256"]:
        raise ConfigError(
            f"the run's data was prepared with the shape predictor {prepared['model']} of sha256 "
            f"{prepared['sha256'][:12]}; found {predictor.facts['sha256'][:12]} in {predictor.model}. "
            "Give the right one with --landmarks."
        )
    return predictor
