"""A raw data set of drawn faces on disk, laid out like a downloaded one.

folder/
  images/<id>.png
  labels.csv      id, image, split, expression, votes, valence, arousal, age, intensity, subject, landmarks;
                  lists joined by `;`
"""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2

from fercli.datasets.synthetic.faces import SyntheticFace, faces
from fercli.errors import ConfigError
from fercli.taxonomy import EXPRESSIONS

COLUMNS = (
    *("id", "image", "split", "expression", "votes", "valence", "arousal", "age", "intensity"),
    *("subject", "landmarks"),
)
LABELS = "labels.csv"
# Split of every tenth subject: 70 % train, 10 % val, 20 % test.
SPLITS = ("train", "train", "train", "test", "train", "train", "val", "train", "train", "test")


def write_raw(
    folder: Path,
    num_faces: int,
    seed: int = 0,
    classes: Sequence[str] = EXPRESSIONS,
    balance: str = "wild",
    size: int = 160,
    context_correlation: float = 0.5,
    num_subjects: int = 120,
) -> None:
    """Draw faces into an empty folder, 70 % of the subjects for training, 10 % for validation, 20 % for test.

    Args:
        folder: an existing, empty folder.
        num_faces: how many faces to draw.
        seed: decides everything that the other options leave open.
        classes: expressions to draw, in label order; votes are in their order.
        balance: `balanced`, or `wild`: as long-tailed as the training images of RAF-DB.
        size: width and height in pixels.
        context_correlation: probability that the background is that of the expression; otherwise it is drawn at random.
        num_subjects: number of people to draw, at least 10: no subject is in two splits.

    Raises:
        ConfigError: an option is out of range.
    """
    if num_subjects < len(SPLITS):
        raise ConfigError(
            f"expected at least {len(SPLITS)} subjects, so that every split has some; found {num_subjects}"
        )
    drawn = faces(num_faces, seed, classes, balance, size, context_correlation, num_subjects)
    (folder / "images").mkdir()
    with open(folder / LABELS, "w", newline="") as stream:
        table = csv.DictWriter(stream, COLUMNS)
        table.writeheader()
        for index, face in enumerate(drawn):
            row = _row(f"{seed}_{index:06d}", face)
            _, png = cv2.imencode(".png", face.image[..., ::-1])
            (folder / row["image"]).write_bytes(png.tobytes())
            table.writerow(row)


def _row(name: str, face: SyntheticFace) -> dict[str, Any]:
    return {
        "id": name,
        "image": f"images/{name}.png",
        "split": SPLITS[int(face.subject[1:]) % len(SPLITS)],
        "expression": face.expression,
        "votes": ";".join(map(str, face.votes)),
        "valence": face.valence,
        "arousal": face.arousal,
        "age": face.age,
        "intensity": face.intensity,
        "subject": face.subject,
        "landmarks": ";".join(f"{value:.2f}" for value in face.landmarks.ravel()),
    }
