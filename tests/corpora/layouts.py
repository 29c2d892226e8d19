"""Drawn faces in the official raw layout of each data set, its quirks included: what tests and demonstrations read.

Each writer takes faces in turn into train, val and test (7, 1 and 2 of ten) and returns what it wrote, to be compared
with what a reader makes of it.
"""

import csv
import gzip
from bisect import bisect
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from fercli.datasets.media import write_image
from fercli.datasets.synthetic.faces import SyntheticFace
from fercli.taxonomy import EXPRESSIONS

TURNS = ("train", "train", "test", "train", "val", "train", "train", "test", "train", "train")
# Five points of the 68 (iBUG order): the eyes are means of six, nose tip and mouth corners are themselves.
FIVE_POINTS = (range(36, 42), range(42, 48), (30,), (48,), (54,))
FERPLUS_VOTES = ("neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt", "unknown", "NF")
FERPLUS_FOLDERS = {"train": "FER2013Train", "val": "FER2013Valid", "test": "FER2013Test"}
FER2013_LABELS = ("anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral")
FER2013_USAGES = {"train": "Training", "val": "PublicTest", "test": "PrivateTest"}
RAFDB_AGES = (4, 20, 40, 70)  # where an age group ends and the next begins
RAFDB_LABELS = ("surprise", "fear", "disgust", "happiness", "sadness", "anger", "neutral")


@dataclass(frozen=True)
class WrittenFace:
    """One image of a raw data set: the id that its reader gives, its split, its face, and the pixels as written."""

    id: str
    split: str
    face: SyntheticFace
    image: np.ndarray


def write_ferplus(folder: Path, faces: Iterable[SyntheticFace], form: str = "folders") -> list[WrittenFace]:
    """FER+ as `folders` with a `label.csv` each, or as `csv`; faces must have votes for the eight classes.

    In the csv form each seventh row was removed by the release: it has pixels, and no image name.
    """
    written, rows, pixels_rows = [], [], []
    for number, (split, face) in enumerate(by_turns(faces)):
        name, image = f"fer{number:07d}", _gray_crop(face)
        votes = [dict(zip(EXPRESSIONS, face.votes, strict=True)).get(answer, 0) for answer in FERPLUS_VOTES]
        is_removed = form == "csv" and number % 7 == 6
        rows.append((split, "" if is_removed else f"{name}.png", [0] * 9 + [10] if is_removed else votes))
        pixels_rows.append([0, _as_text(image), FER2013_USAGES[split]])
        if not is_removed:
            written.append(WrittenFace(name, split, face, image))
    if form == "csv":
        header = ["Usage", "Image name", *FERPLUS_VOTES]
        write_csv(folder / "fer2013new.csv", [header, *([FER2013_USAGES[s], name, *v] for s, name, v in rows)])
        write_csv(folder / "fer2013.csv", [["emotion", "pixels", "Usage"], *pixels_rows])
        return written
    for split, name in FERPLUS_FOLDERS.items():
        labels = [[file, "(0, 0, 48, 48)", *votes] for s, file, votes in rows if s == split]
        write_csv(folder / name / "label.csv", labels)
    for item in written:
        write_image(folder / FERPLUS_FOLDERS[item.split] / f"{item.id}.png", item.image)
    return written


def write_fer2013(folder: Path, faces: Iterable[SyntheticFace], form: str = "csv") -> list[WrittenFace]:
    """FER2013 as `csv`, as `icml` (the later release: other name, columns with a space), or as `folders`."""
    items = [(split, face, _gray_crop(face)) for split, face in by_turns(faces)]
    if form == "folders":
        written = []
        for number, (split, face, image) in enumerate(items):
            top = "train" if split == "train" else "test"
            word = {"anger": "angry", "happiness": "happy", "sadness": "sad"}.get(face.expression, face.expression)
            name = f"{top}/{word}/{FER2013_USAGES[split]}_{number}.jpg"
            written.append(WrittenFace(name, split, face, image))
            write_image(folder / name, image)
        return written
    file, space = ("icml_face_data.csv", " ") if form == "icml" else ("fer2013.csv", "")
    header = ["emotion", f"{space}Usage", f"{space}pixels"] if form == "icml" else ["emotion", "pixels", "Usage"]
    rows = []
    for split, face, image in items:
        label, usage, pixels = FER2013_LABELS.index(face.expression), FER2013_USAGES[split], _as_text(image)
        rows.append([label, usage, pixels] if form == "icml" else [label, pixels, usage])
    write_csv(folder / file, [header, *rows])
    return [WrittenFace(f"row{number:05d}", *item) for number, item in enumerate(items)]


def write_rafdb(folder: Path, faces: Iterable[SyntheticFace], root: str = "basic") -> list[WrittenFace]:
    """RAF-DB with aligned and original images, label list and manual annotations; `image` is the original.

    RAF-DB has no validation split: faces whose turn is val are written as train.
    """
    written, lines = [], []
    for number, (turn, face) in enumerate(by_turns(faces), start=1):
        split = "test" if turn == "test" else "train"
        name = f"{split}_{number:05d}"
        lines.append(f"{name}.jpg {RAFDB_LABELS.index(face.expression) + 1}\n")
        write_image(folder / root / "Image" / "original" / f"{name}.jpg", face.image)
        write_image(folder / root / "Image" / "aligned" / f"{name}_aligned.jpg", crop(face, 100))
        points = "".join(f"{x:.6f}\t{y:.6f}\n" for x, y in five_points(face))
        annotation = folder / root / "Annotation" / "manual" / f"{name}_manu_attri.txt"
        annotation.parent.mkdir(parents=True, exist_ok=True)
        annotation.write_text(points + "".join(f"{place}\n" for place in rafdb_attributes(number, face)))
        written.append(WrittenFace(name, split, face, face.image))
    labels = folder / root / "EmoLabel" / "list_patition_label.txt"
    labels.parent.mkdir(parents=True, exist_ok=True)
    labels.write_text("".join(lines))
    return written


def rafdb_attributes(number: int, face: SyntheticFace) -> tuple[int, int, int]:
    """Numbers of the gender, the race and the age group of the face that RAF-DB holds as this number, from 1."""
    return number % 3, number // 3 % 3, bisect(RAFDB_AGES, face.age)


def write_folder(folder: Path, faces: Iterable[SyntheticFace], has_splits: bool = True) -> list[WrittenFace]:
    """`<split>/<class>/<image>`, or `<class>/<image>` without splits (then `split` is empty)."""
    written = []
    for number, (turn, face) in enumerate(by_turns(faces)):
        split = turn if has_splits else ""
        top = {"train": "Train/", "val": "Validation/", "test": "Test/", "": ""}[split]
        name = f"{top}{face.expression.capitalize()}/{number:05d}.png"
        write_image(folder / name, face.image)
        written.append(WrittenFace(name, split, face, face.image))
    return written


def write_table(
    folder: Path, faces: Iterable[SyntheticFace], has_splits: bool = True, form: str = "csv"
) -> list[WrittenFace]:
    """`labels.csv` or `labels.parquet` (`form`) beside `images/`, with every column that a face can fill."""
    import pandas as pd

    written, rows = [], []
    for number, (turn, face) in enumerate(by_turns(faces)):
        name, split = f"{number:05d}", turn if has_splits else ""
        lists = {"votes": face.votes, "landmarks": face.landmarks.ravel(), "box": face.box}
        rows.append(
            {
                "id": name,
                "image": f"images/{name}.png",
                **({"split": split} if has_splits else {}),
                "expression": face.expression,
                "valence": face.valence,
                "arousal": face.arousal,
                "age": face.age,
                "subject": face.subject,
                **{key: ";".join(map(repr, map(float, v))) if form == "csv" else v for key, v in lists.items()},
            }
        )
        write_image(folder / f"images/{name}.png", face.image)
        written.append(WrittenFace(name, split, face, face.image))
    table = pd.DataFrame(rows)
    table.to_csv(folder / "labels.csv", index=False) if form == "csv" else table.to_parquet(folder / "labels.parquet")
    return written


def write_mnist(folder: Path, num_train: int, num_test: int, seed: int = 0, form: str = "npz") -> dict[str, np.ndarray]:
    """Drawn digits as `mnist.npz`, as `idx` files or as `idx.gz`; returns the four arrays by their name in the npz."""
    rng = np.random.default_rng(seed)
    arrays = {}
    for split, count in (("train", num_train), ("test", num_test)):
        labels = (np.arange(count) % 10).astype(np.uint8)
        arrays[f"x_{split}"] = np.stack([draw_digit(int(label), rng) for label in labels])
        arrays[f"y_{split}"] = labels
    folder.mkdir(parents=True, exist_ok=True)
    if form == "npz":
        np.savez_compressed(folder / "mnist.npz", allow_pickle=False, **arrays)
        return arrays
    for key, array in arrays.items():
        prefix, kind = "train" if key.endswith("train") else "t10k", "images" if key.startswith("x") else "labels"
        header = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, dtype=">i4").tobytes()
        data = header + array.tobytes()
        name = f"{prefix}-{kind}-idx{array.ndim}-ubyte"
        (folder / (name + form.removeprefix("idx"))).write_bytes(gzip.compress(data) if form == "idx.gz" else data)
    return arrays


def draw_digit(digit: int, rng: np.random.Generator) -> np.ndarray:
    """(28, 28) uint8: a digit in white on black, with a stroke, place, slant and size of its own."""
    image = np.zeros((56, 56), np.uint8)
    thickness = int(rng.integers(4, 8))
    cv2.putText(image, str(digit), (12, 46), cv2.FONT_HERSHEY_SIMPLEX, 1.6, 255, thickness, cv2.LINE_AA)
    rotation = cv2.getRotationMatrix2D((28, 28), rng.uniform(-15, 15), rng.uniform(0.85, 1.1))
    shear = np.array([[0, rng.uniform(-0.2, 0.2), rng.uniform(-3, 3)], [0, 0, rng.uniform(-3, 3)]])
    return cv2.resize(cv2.warpAffine(image, rotation + shear, (56, 56)), (28, 28), interpolation=cv2.INTER_AREA)


def five_points(face: SyntheticFace) -> np.ndarray:
    """(5, 2) eyes, nose tip and mouth corners, in pixels."""
    return np.array([face.landmarks[list(points)].mean(0) for points in FIVE_POINTS])


def by_turns(faces: Iterable[SyntheticFace]) -> Iterator[tuple[str, SyntheticFace]]:
    """Each face with the split whose turn it is."""
    for number, face in enumerate(faces):
        yield TURNS[number % len(TURNS)], face


def crop(face: SyntheticFace, side: int) -> np.ndarray:
    """The face in its box, stretched to a square of so many pixels."""
    left, top, right, bottom = (max(0, round(edge)) for edge in face.box)
    return cv2.resize(face.image[top:bottom, left:right], (side, side), interpolation=cv2.INTER_AREA)


def _gray_crop(face: SyntheticFace) -> np.ndarray:
    return cv2.cvtColor(crop(face, 48), cv2.COLOR_RGB2GRAY)


def _as_text(image: np.ndarray) -> str:
    return " ".join(map(str, image.ravel()))


def write_csv(path: Path, rows: Iterable[Sequence[object]]) -> None:
    """Write rows as CSV, and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows(rows)
