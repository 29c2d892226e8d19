"""Short clips of a drawn face; its movement shows a depression severity score."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter1d

from fercli.datasets.synthetic.actions import SIGNED, Actions
from fercli.datasets.synthetic.canvas import Canvas
from fercli.datasets.synthetic.faces import draw
from fercli.datasets.synthetic.scene import paint_scene
from fercli.datasets.synthetic.subject import VIDEO_STREAM, Subject, generator
from fercli.datasets.synthetic.view import Pose, make_light
from fercli.errors import ConfigError
from fercli.scales import BDI_II

BLINK_RATE, BLINK_LENGTH = 0.3, 0.12  # per second; seconds


@dataclass(frozen=True)
class VideoFrame:
    """One frame of a drawn clip: image (size, size, 3) uint8 RGB, landmarks (68, 2) in pixels, time in seconds."""

    image: np.ndarray
    landmarks: np.ndarray
    time: float


def render_video(
    subject: Subject, severity_score: float, num_frames: int, fps: float = 25.0, seed: int = 0, size: int = 160
) -> Iterator[VideoFrame]:
    """Draw a clip of a talking person; a higher score shows more of the signs that observers of depression report.

    Movement becomes slower and smaller, smiles become rarer and weaker, head and gaze sink, and brows and mouth corners
    show some sadness (Ellgring 1989; Girard et al. 2014). The overall amount of movement varies from clip to clip.

    Args:
        subject: who is shown.
        severity_score: BDI-II points, 0 to 63.
        num_frames: length of the clip, at least 1.
        fps: frames per second.
        seed: decides the movement, the light and the noise.
        size: width and height in pixels.

    Raises:
        ConfigError: the score, the length or the rate is out of range.
    """
    if not 0 <= severity_score <= BDI_II.high:
        raise ConfigError(f"expected a severity score from 0 to {BDI_II.high:g}; found {severity_score}")
    if num_frames < 1 or fps <= 0:
        raise ConfigError(f"expected at least one frame and a positive rate; found {num_frames} frames at {fps} fps")
    rng = generator(seed, VIDEO_STREAM, 0)
    tracks = action_tracks(severity_score, num_frames, fps, rng)
    poses = _poses(severity_score, num_frames, fps, rng)
    return _frames(subject, tracks, poses, fps, size, rng)


def action_tracks(severity_score: float, num_frames: int, fps: float, rng: np.random.Generator) -> list[Actions]:
    """Draw the actions of the face in every frame."""
    severity = severity_score / BDI_II.high
    liveliness = (1 - 0.75 * severity) * rng.lognormal(0, 0.12)
    slow = movement(8, num_frames, fps, _time_constant(severity), rng)
    talk = movement(1, num_frames, fps, 0.35 * _time_constant(severity), rng)[0]
    smile = np.clip(0.35 * (1 - severity) - 0.05 + 0.35 * liveliness * slow[0], 0, 1)
    sad = 0.45 * severity + rng.normal(0, 0.04)
    tracks = {
        "corner_pull": smile,
        "cheek_raise": 0.8 * smile,
        "inner_brow_raise": 0.8 * sad + 0.2 * liveliness * np.abs(slow[1]),
        "outer_brow_raise": 0.25 * liveliness * np.abs(slow[2]),
        "brow_lower": 0.3 * sad + 0.12 * liveliness * np.abs(slow[3]),
        "corner_depress": sad * (1 - smile),
        "mouth_open": 0.3 * liveliness * np.clip(talk, 0, None),
        "eyes_closed": np.maximum(0.35 * sad, _blinks(num_frames, fps, rng)),
        "gaze_x": 0.35 * liveliness * slow[4],
        "gaze_y": 0.65 * severity + 0.2 * liveliness * slow[5],
        "asymmetry": 0.1 * slow[6],
    }
    limited = {name: np.clip(track, -1 if name in SIGNED else 0, 1) for name, track in tracks.items()}
    return [Actions(**{name: float(track[i]) for name, track in limited.items()}) for i in range(num_frames)]


def movement(
    num_tracks: int, num_frames: int, fps: float, time_constant: float, rng: np.random.Generator
) -> np.ndarray:
    """Draw (num_tracks, num_frames) smooth random tracks of about zero mean and unit variance.

    Args:
        num_tracks: number of independent tracks.
        num_frames: length of each track.
        fps: frames per second.
        time_constant: standard deviation, in seconds, of the Gaussian that smooths white noise.
        rng: source of the noise.
    """
    width = time_constant * fps
    tracks = gaussian_filter1d(rng.standard_normal((num_tracks, num_frames)), width, axis=1)
    return tracks * np.sqrt(max(1.0, 2 * np.sqrt(np.pi) * width))


def _time_constant(severity: float) -> float:
    return 0.25 + 0.55 * severity


def _poses(severity_score: float, num_frames: int, fps: float, rng: np.random.Generator) -> list[Pose]:
    severity = severity_score / BDI_II.high
    start = rng.normal(0, (0.08, 0.05, 0.04))
    sway = movement(3, num_frames, fps, 1.6 * _time_constant(severity), rng) * (1 - 0.75 * severity)
    angles = start[:, None] + sway * np.array([[0.12], [0.06], [0.05]])
    angles[1] += 0.18 * severity
    scale = float(rng.uniform(0.22, 0.25))
    return [Pose(float(yaw), float(pitch), float(roll), scale) for yaw, pitch, roll in np.clip(angles, -0.5, 0.5).T]


def _blinks(num_frames: int, fps: float, rng: np.random.Generator) -> np.ndarray:
    times = np.arange(num_frames) / fps
    starts = rng.uniform(0, num_frames / fps, rng.poisson(BLINK_RATE * num_frames / fps))
    closed = np.exp(-(((times[:, None] - starts) / BLINK_LENGTH) ** 2))
    return closed.max(axis=1, initial=0)


def _frames(
    subject: Subject, tracks: list[Actions], poses: list[Pose], fps: float, size: int, rng: np.random.Generator
) -> Iterator[VideoFrame]:
    light, scene = make_light(rng), paint_scene("room", size, rng)
    for index, (actions, pose) in enumerate(zip(tracks, poses, strict=True)):
        image, landmarks, _ = draw(Canvas(scene.planes.copy()), subject, actions, pose, light, rng)
        yield VideoFrame(image, landmarks, index / fps)
