"""One trained run that predicts faces, each cut out of its image in the same way as the training faces."""

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
from fercli.metrics.classification import accuracy
from fercli.metrics.metric import known_rows
from fercli.prediction import Prediction
from fercli.preprocess.align import transform
from fercli.preprocess.context import Context
from fercli.preprocess.crop import Crop, warp
from fercli.preprocess.face import Face
from fercli.preprocess.no_face import CENTER, face_to_cut
from fercli.preprocess.shape_predictor import NUM_LANDMARKS, ShapePredictor
from fercli.runs.folder import RunFolder
from fercli.runs.predictions import columns_of, read_predictions
from fercli.runs.scale import scale_of_run
from fercli.scales import BDI_II, Scale

Outputs = dict[str, Any]

# How a face is cut out for a run on a data set of ready crops: upright with a small margin, as in most of these sets.
AS_CROPPED_SETS: dict[str, Any] = {"align": "none", "margin": 0.1}


@dataclass
class Model:
    """A run, ready to predict faces.

    Attributes:
        classes: names of the expressions, in the order of the probabilities; empty if the run has none.
        crop: how a face is cut out.
        context: how the scene is kept; None where the method does not read it.
        landmarks: finds the 68 landmarks by which a face is cut out, or None. The method may read them too, but not a
            method that reads clips.
        sampling: which frames of a video the data of the run has.
        predicts_middle: if no face is found, the run predicts the middle of the image, as its data was prepared.
        scale: of the severity scores.
    """

    run: RunFolder
    method: Method
    config: Config
    classes: tuple[str, ...]
    crop: Crop
    context: Context | None
    landmarks: ShapePredictor | None = None
    sampling: FrameSampling = field(default_factory=lambda: FrameSampling(frame_stride=1))
    predicts_middle: bool = False
    scale: Scale = BDI_II

    @classmethod
    def of(cls, run: RunFolder, device: str = "cpu", *, trust: bool = False, landmarks: Path | None = None) -> "Model":
        """Return the model of a finished run.

        Args:
            landmarks: file of a shape predictor; None takes the one that the data of the run was prepared with, if any.

        Raises:
            RunError: the run is not finished, or a file of it is missing or damaged.
            ConfigError: it predicts nothing; its configuration asks for code outside fercli, and `trust` is not given;
                the device does not exist; dlib is needed and not installed; the data of the run was prepared with
                another shape predictor.
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
        # The options of the store count: the configuration only has the usual value for its data. In a data set of
        # ready crops every image is a face, so no middle was ever used.
        middle = prepared.get("no_face") == CENTER and not came_cropped
        classes = tuple(recorded["data"]["classes"])
        model = cls(run, method, config, classes, crop, context, predictor, sampling, middle, scale_of_run(run))
        if not model.columns:
            raise ConfigError(f"{run.path} gives features but no predictions; give a run that predicts something")
        return model

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Names of the outputs for a face."""
        length = () if self.clip is None else (self.clip[0],)
        crops = np.zeros((1, *length, self.crop.size, self.crop.size, self.channels), np.uint8)
        scene = self.context
        scenes = None if scene is None else np.zeros((1, *length, scene.height, scene.width, self.channels), np.uint8)
        return tuple(self.predict_crops(crops, scenes)[0])

    @cached_property
    def accuracy(self) -> float | None:
        """Share of right expressions in the run's own evaluation, whatever its metrics; None without such predictions.

        Raises:
            RunError: the stored predictions of the run are damaged.
        """
        if not self.run.predictions.exists():  # a run may be copied without them, to predict elsewhere
            return None
        columns = columns_of(read_predictions(self.run))
        known = known_rows(columns, ["expression"])
        if "probabilities" not in columns or not known.any():
            return None
        return accuracy(columns["expression"][known], columns["probabilities"][known])

    @property
    def channels(self) -> int:
        """Channels of the images that the method reads: 3, or 1 for gray images."""
        return int(self.config.data.get("channels", 3))

    @property
    def classifies(self) -> bool:
        """Whether the run predicts an expression."""
        return "predicted" in self.columns

    @property
    def clip(self) -> tuple[int, int] | None:
        """Length and stride in frames of the clips that the method reads; None where it reads single images."""
        clip = self.config.inputs.clip
        return None if clip is None else (clip.length, clip.stride)

    def frame_step(self, rate: float) -> float:
        """Return how many frames apart frames are read from a video of `rate` frames a second, as in training."""
        return self.sampling.step(rate)

    @property
    def guesses_landmarks(self) -> bool:
        """Whether the method places the patches by the landmarks of a generic face, because none are found."""
        return isinstance(self.method, CutsPatches) and self.landmarks is None

    def pixels(self, image: np.ndarray, face: Face | None) -> np.ndarray:
        """Return the crop (size, size, C) uint8, RGB or gray, of a face or (None) of the middle, as in training."""
        return self._cut(image, face_to_cut(image, face, self.landmarks))

    def _cut(self, image: np.ndarray, face: Face) -> np.ndarray:
        cut = warp(image, self.crop.matrix(face), self.crop.size, self.crop.interpolation)
        return self._in_channels(cut)

    def _in_channels(self, image: np.ndarray) -> np.ndarray:
        """Return an image (h, w) or (h, w, 3) as (h, w, C)."""
        is_gray = self.channels == 1 or self.config.data.get("gray")
        gray = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY) if image.ndim == 3 and is_gray else image
        if self.channels == 1:
            return gray[..., None]
        return cv2.cvtColor(gray, cv2.COLOR_GRAY2RGB) if gray.ndim == 2 else gray

    @torch.inference_mode()
    def predict(self, pictures: Sequence[tuple[np.ndarray, Face | None]]) -> list[Outputs]:
        """Predict each face in its image, (H, W) or (H, W, 3) RGB uint8; None for a face predicts the middle."""
        if not pictures:
            return []
        faces = [face_to_cut(image, face, self.landmarks) for image, face in pictures]
        crops = np.stack([self._cut(image, face) for (image, _), face in zip(pictures, faces, strict=True)])
        landmarks = None if self.landmarks is None else np.stack([self._landmarks(face) for face in faces])
        scenes = None if self.context is None else np.stack([self.scene(image, face) for image, face in pictures])
        return self.predict_crops(crops, scenes, landmarks)

    def scene(self, image: np.ndarray, face: Face | None) -> np.ndarray:
        """Return the scene (h, w, C) uint8 around a face as in training, with the face hidden if it was hidden then."""
        assert self.context is not None
        scene = self._in_channels(self.context.picture(image))
        box = self.context.box(image, face)
        if self.config.inputs.hide_face and box is not None:
            hide_face(np.moveaxis(scene, -1, 0), box)
        return scene

    def _landmarks(self, face: Face) -> np.ndarray:
        """Return landmarks (68, 2) in pixels of the crop; NaN for the middle of an image, as a store gives them."""
        if face.landmarks is None:
            return np.full((NUM_LANDMARKS, 2), np.nan)
        return transform(face.landmarks, self.crop.matrix(face))

    @torch.inference_mode()
    def predict_crops(
        self, crops: np.ndarray, scenes: np.ndarray | None = None, landmarks: np.ndarray | None = None
    ) -> list[Outputs]:
        """Predict crops (n, size, size, C), or clips (n, length, size, size, C).

        Args:
            scenes: (n, h, w, C), or for clips (n, length, h, w, C); None where the method reads no scenes.
            landmarks: (n, 68, 2) in pixels of the crops, NaN for a face without landmarks.
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


def _prepared(run: RunFolder) -> dict[str, Any]:
    """Return the options that the run's data was prepared with; empty for a data set that records none.

    Raises:
        RunError: `provenance.json` is damaged.
    """
    path = run.path / "provenance.json"
    run.require_sound(path)
    with reading(path, "how the run's data was prepared", error=RunError, remedy="put back the file of the run"):
        prepared: dict[str, Any] = json.loads(path.read_text("utf-8"))["data"].get("options", {})
        return prepared


def _sampling(prepared: dict[str, Any] | None) -> FrameSampling:
    """Return which frames the data was prepared from; every frame for images, and for frames that came as images."""
    known = {f.name for f in fields(FrameSampling)}
    chosen = {name: value for name, value in (prepared or {}).items() if name in known}
    return FrameSampling(**chosen) if chosen else FrameSampling(frame_stride=1)


def _shape_predictor(prepared: dict[str, str] | None, file: Path | None) -> ShapePredictor | None:
    """Return the shape predictor in the file, or else the one that the data was prepared with.

    Args:
        prepared: the predictor that the store records.
    """
    if prepared is None:
        return None if file is None else ShapePredictor(file)
    try:
        predictor = ShapePredictor(file or prepared["model"])
    except DataError as error:
        raise DataError(f"{error}\nThe run's data was prepared with it; give its path with --landmarks.") from None
    if predictor.facts["sha256"] != prepared["sha256"]:
        raise ConfigError(
            f"the run's data was prepared with the shape predictor {prepared['model']} of sha256 "
            f"{prepared['sha256'][:12]}; found {predictor.facts['sha256'][:12]} in {predictor.model}. "
            "Give the right one with --landmarks."
        )
    return predictor
