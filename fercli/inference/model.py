"""A trained network that predicts faces, each cut out of its image in the same way as the training faces."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from fercli.datasets.hidden_face import hide_face
from fercli.datasets.video import FrameSampling
from fercli.engine.reload import reload
from fercli.engine.run_options import InputOptions, run_options
from fercli.engine.weights import move_to
from fercli.errors import ConfigError
from fercli.inference.held_out import HeldOut, held_out
from fercli.inference.network import AFFECT, PROBABILITIES, SCORE, Network, RunNetwork
from fercli.inference.outputs import NetworkInput, Outputs
from fercli.inference.prepared import frame_sampling, prepared_context, prepared_options, shape_predictor
from fercli.methods.base import Method
from fercli.methods.shown import CutsPatches
from fercli.metrics.classification import accuracy
from fercli.metrics.metric import known_rows
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

# How a face is cut out for a run on a data set of ready crops: upright with a small margin, as in most of these sets.
AS_CROPPED_SETS: dict[str, Any] = {"align": "none", "margin": 0.1}


@dataclass
class Model:
    """A network, and how faces are cut out for it.

    Attributes:
        name: of the run, for figures.
        network: of a run, or of a file that `fercli export` wrote.
        classes: names of the expressions, in the order of the probabilities; empty if the network has none.
        crop: how a face is cut out.
        channels: of the images that the network reads: 3, or 1 for gray images.
        gray: images lose their colors, also where the network reads three channels.
        came_cropped: the data of the run came as ready crops, and no face was looked for.
        context: how the scene is kept; None where the network does not read it.
        hide_face: the face is blacked out in the scene.
        clip: length and stride in frames of the clips that the network reads; None where it reads single images.
        landmarks: finds the 68 landmarks by which a face is cut out, or None. The network may read them too, but not a
            network that reads clips.
        predictor: SHA-256 of the shape predictor by whose landmarks the training faces were cut out; None without one.
        cuts_patches: the network reads patches of the face, whose places follow its landmarks.
        sampling: which frames of a video the data of the run has.
        predicts_middle: if no face is found, the run predicts the middle of the image, as its data was prepared.
        scale: of the severity scores.
        accuracy: share of right expressions in the run's own evaluation, whatever its metrics; None without such
            predictions.
        held_out: how far each output was off in the run's own evaluation, as far as the run records it.
    """

    name: str
    network: Network
    classes: tuple[str, ...]
    crop: Crop
    channels: int = 3
    gray: bool = False
    came_cropped: bool = field(default=False, compare=False)  # an exported file does not say it
    context: Context | None = None
    hide_face: bool = False
    clip: tuple[int, int] | None = None
    landmarks: ShapePredictor | None = None
    predictor: str | None = None
    cuts_patches: bool = False
    sampling: FrameSampling = field(default_factory=lambda: FrameSampling(frame_stride=1))
    predicts_middle: bool = False
    scale: Scale = BDI_II
    accuracy: float | None = None
    held_out: Mapping[str, HeldOut] = field(default_factory=dict)

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
        move_to(method, device)
        recorded_predictor = prepared_options(run).get("landmarks")
        return cls.reloaded(
            run, run_options(config).inputs, method, recorded, shape_predictor(recorded_predictor, landmarks)
        )

    @classmethod
    def reloaded(
        cls,
        run: RunFolder,
        inputs: InputOptions,
        method: Method,
        recorded: Mapping[str, Any],
        landmarks: ShapePredictor | None = None,
    ) -> "Model":
        """Return the model of a run that `fercli.engine.reload` has read.

        Args:
            inputs: what its network sees.
            recorded: content of its `metrics.json`.

        Raises:
            RunError: a file of the run is missing or damaged.
            ConfigError: it predicts nothing.
        """
        prepared = prepared_options(run)
        came_cropped = prepared.get("detector", {}).get("cropped", False)
        options = AS_CROPPED_SETS if came_cropped else prepared.get("crop", {})
        classes = tuple(recorded["data"]["classes"])
        model = cls(
            name=run.path.parent.name,
            network=RunNetwork(method.eval(), len(classes)),
            classes=classes,
            crop=Crop(prepared.get("size", inputs.stored), **options),
            channels=inputs.channels,
            gray=inputs.gray or prepared.get("channels") == 1,
            came_cropped=came_cropped,
            context=prepared_context(prepared.get("context", {}), run) if inputs.context else None,
            hide_face=inputs.hide_face,
            clip=None if inputs.clip is None else (inputs.clip["length"], inputs.clip["stride"]),
            landmarks=landmarks,
            predictor=(prepared.get("landmarks") or {}).get("sha256"),
            cuts_patches=isinstance(method, CutsPatches),
            sampling=frame_sampling(prepared.get("reader", {}).get("sampling")),
            # The options of the store count: the configuration only has the usual value for its data. In a data set of
            # ready crops every image is a face, so no middle was ever used.
            predicts_middle=prepared.get("no_face") == CENTER and not came_cropped,
            scale=scale_of_run(run),
            accuracy=recorded_accuracy(run),
        )
        model.held_out = {name: found for name, found in held_out(recorded).items() if name in model.columns}
        if not model.columns:
            raise ConfigError(f"{run.path} gives features but no predictions; give a run that predicts something")
        return model

    @property
    def black(self) -> NetworkInput:
        """A black image, or a clip of black images, as the network reads it."""
        length = () if self.clip is None else (self.clip[0],)
        image = np.zeros((*length, self.channels, self.crop.size, self.crop.size), np.uint8)
        scene = self.context
        black = None if scene is None else np.zeros((*image.shape[:-2], scene.height, scene.width), np.uint8)
        return NetworkInput(image, black)

    @cached_property
    def said_of_black(self) -> dict[str, np.ndarray]:
        """What the network says of a black image; see `Network`."""
        black = self.black
        return self.network(black.image[None], None if black.scene is None else black.scene[None])

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Names of the outputs for a face."""
        return tuple(self._outputs(self.said_of_black, 1)[0])

    @property
    def classifies(self) -> bool:
        """Whether the run predicts an expression."""
        return "predicted" in self.columns

    def frame_step(self, rate: float) -> float:
        """Return how many frames apart frames are read from a video of `rate` frames a second, as in training."""
        return self.sampling.step(rate)

    @property
    def is_gray(self) -> bool:
        """Whether the network was trained on images without color."""
        return self.channels == 1 or self.gray

    @property
    def guesses_landmarks(self) -> bool:
        """Whether the network places the patches by the landmarks of a generic face, because none are found."""
        return self.cuts_patches and self.landmarks is None

    def pixels(self, image: np.ndarray, face: Face | None) -> np.ndarray:
        """Return the crop (size, size, C) uint8, RGB or gray, of a face or (None) of the middle, as in training."""
        return self._cut(image, face_to_cut(image, face, self.landmarks))

    def _cut(self, image: np.ndarray, face: Face) -> np.ndarray:
        cut = warp(image, self.crop.matrix(face), self.crop.size, self.crop.interpolation)
        return self._in_channels(cut)

    def _in_channels(self, image: np.ndarray) -> np.ndarray:
        """Return an image (h, w) or (h, w, 3) as (h, w, C)."""
        gray = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY) if image.ndim == 3 and self.is_gray else image
        if self.channels == 1:
            return gray[..., None]
        return cv2.cvtColor(gray, cv2.COLOR_GRAY2RGB) if gray.ndim == 2 else gray

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
        if self.hide_face and box is not None:
            hide_face(np.moveaxis(scene, -1, 0), box)
        return scene

    def _landmarks(self, face: Face) -> np.ndarray:
        """Return landmarks (68, 2) in pixels of the crop; NaN for the middle of an image, as a store gives them."""
        if face.landmarks is None:
            return np.full((NUM_LANDMARKS, 2), np.nan)
        return transform(face.landmarks, self.crop.matrix(face))

    def predict_crops(
        self, crops: np.ndarray, scenes: np.ndarray | None = None, landmarks: np.ndarray | None = None
    ) -> list[Outputs]:
        """Predict crops (n, size, size, C), or clips (n, length, size, size, C).

        Args:
            scenes: (n, h, w, C), or for clips (n, length, h, w, C); None where the method reads no scenes.
            landmarks: (n, 68, 2) in pixels of the crops, NaN for a face without landmarks.
        """
        images, of_scenes = (
            None if values is None else np.ascontiguousarray(np.moveaxis(values, -1, -3)) for values in (crops, scenes)
        )
        assert images is not None
        outputs = self._outputs(self.network(images, of_scenes, landmarks), len(crops))
        for i, output in enumerate(outputs):
            output.read = NetworkInput(images[i], *(None if one is None else one[i] for one in (of_scenes, landmarks)))
        return outputs

    def _outputs(self, said: dict[str, np.ndarray], num_faces: int) -> list[Outputs]:
        outputs = [Outputs() for _ in range(num_faces)]
        if PROBABILITIES in said:
            for output, row in zip(outputs, said[PROBABILITIES], strict=True):
                output["predicted"] = self.classes[row.argmax()]
                output |= {f"prob_{name}": float(p) for name, p in zip(self.classes, row, strict=True)}
        if AFFECT in said:
            for output, (valence, arousal) in zip(outputs, said[AFFECT].tolist(), strict=True):
                output |= {"predicted_valence": valence, "predicted_arousal": arousal}
        if SCORE in said:
            for output, score in zip(outputs, said[SCORE].tolist(), strict=True):
                output["predicted_score"] = score
        return outputs


def recorded_accuracy(run: RunFolder) -> float | None:
    """Return the share of right expressions in the predictions of a run; None if it has none.

    Raises:
        RunError: the stored predictions of the run are damaged.
    """
    if not run.predictions.exists():  # a run may be copied without them, to predict elsewhere
        return None
    columns = columns_of(read_predictions(run))
    known = known_rows(columns, ["expression"])
    if "probabilities" not in columns or not known.any():
        return None
    return accuracy(columns["expression"][known], columns["probabilities"][known])
