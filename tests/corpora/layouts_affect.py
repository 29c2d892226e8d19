"""Drawn faces in the raw layouts of the data sets with valence and arousal, their quirks included.

Each writer returns the images that a reader must keep, to be compared with what it makes of them.
"""

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from fercli.datasets.media import write_image
from fercli.datasets.synthetic.faces import SyntheticFace
from tests.corpora.layouts import WrittenFace, by_turns, crop, write_csv

AFFECTNET_LABELS = ("neutral", "happiness", "sadness", "surprise", "fear", "disgust", "anger", "contempt")
AFFECTNET_COLUMNS = (
    "subDirectory_filePath", "face_x", "face_y", "face_width", "face_height", "facial_landmarks", "expression",
    "valence", "arousal",
)  # fmt: skip
AFFECTNET_LISTS = {"train": "training.csv", "val": "validation.csv"}
AFFECTNET_SIDE = 224  # pixels of the crops of 2021
AFF_WILD2_LABELS = ("neutral", "anger", "disgust", "fear", "happiness", "sadness", "surprise")
AFF_WILD2_SIDE = 112
FACES_PER_VIDEO = 4
# What each video has after its frames with both labels: expression and valence, arousal, or what stands for none.
AFF_WILD2_EXTRA = (("-1", "0.25,-0.5"), ("2", "-5,-5"), ("7", "0.1,0.2"), ("-1", "-5.0,-5.0"))


def write_affectnet(folder: Path, faces: Iterable[SyntheticFace], form: str = "2017") -> list[WrittenFace]:
    """AffectNet as in `2017` or `2021`; faces whose turn is test are written as val, for there is no test split.

    2017 has a row more for each of the labels none, uncertain and no-face, with the first face: without valence and
    arousal, and the last of them without box and landmarks. File names have the suffixes of several formats.
    """
    items = [("train" if turn == "train" else "val", face) for turn, face in by_turns(faces)]
    return _affectnet_2017(folder, items) if form == "2017" else _affectnet_2021(folder, items)


def write_aff_wild2(folder: Path, faces: Iterable[SyntheticFace], release: str = "later") -> list[WrittenFace]:
    """Aff-Wild2 in videos of four faces, of which two in five show the people on the `_left` and the `_right`.

    The `first` release has other folder names and lacks the class other. After the frames that are returned, each
    video has one without expression, one without valence and arousal, one that is other (in the first release: with an
    unknown label), one without any label, one with both labels but without image, and an image without a line.
    """
    names = (
        ("EXPR_Set", "VA_Set") if release == "first" else ("EXPR_Classification_Challenge", "VA_Estimation_Challenge")
    )
    classes = (*AFF_WILD2_LABELS, *(() if release == "first" else ("other",)))
    written = []
    everyone = list(faces)
    for number in range(len(everyone) // FACES_PER_VIDEO):
        shown = everyone[number * FACES_PER_VIDEO :][:FACES_PER_VIDEO]
        video = f"{number // 5}-30-1280x720" + {3: "_left", 4: "_right"}.get(number % 5, f"-{number % 5}")
        split, place = ("val", "Validation_Set") if number % 5 == 1 else ("train", "Train_Set")
        labels = [str(AFF_WILD2_LABELS.index(face.expression)) for face in shown]
        affect = [f"{face.valence},{face.arousal}" for face in shown]
        for frame, face in enumerate(shown, start=1):
            written.append(WrittenFace(f"{video}/{frame:05d}", split, face, crop(face, AFF_WILD2_SIDE)))
        extra = [*AFF_WILD2_EXTRA, (labels[-1], affect[-1])]
        expressions = [",".join(classes).title(), *labels, *(label for label, _ in extra)]
        values = ["valence,arousal", *affect, *(value for _, value in extra)]
        for task, lines in zip(names, (expressions, values), strict=True):
            file = folder / "annotations" / task / place / f"{video}.txt"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("\n".join(lines) + "\n")
        images = [*(item.image for item in written[-len(shown) :]), *[written[-1].image] * len(AFF_WILD2_EXTRA)]
        numbered = dict(enumerate(images, start=1)) | {len(images) + 2: images[-1]}
        for frame, image in numbered.items():
            write_image(folder / "cropped_aligned" / video / f"{frame:05d}.jpg", image)
    return written


def _affectnet_2017(folder: Path, items: list[tuple[str, SyntheticFace]]) -> list[WrittenFace]:
    written: list[WrittenFace] = []
    rows: dict[str, list[list[object]]] = {"train": [], "val": []}
    for number, (split, face) in enumerate(items):
        name = f"{number % 3}/{number:08x}{('.jpg', '.JPG', '.png', '.jpeg')[number % 4]}"
        points = ";".join(f"{value:.2f}" for value in face.landmarks.ravel())
        label = AFFECTNET_LABELS.index(face.expression)
        rows[split].append([name, *_whole_box(face), points, label, face.valence, face.arousal])
        written.append(WrittenFace(name, split, face, face.image))
    left_out = {f"{label}/{label}.jpg": label for label in (8, 9, 10)}
    first = rows["train"][0]
    for name, label in left_out.items():
        rows["train"].append([name, *(first[1:6] if label < 10 else (0, 0, 0, 0, "")), label, -2, -2])
    for split, file in AFFECTNET_LISTS.items():
        write_csv(folder / "Manually_Annotated_file_lists" / file, [AFFECTNET_COLUMNS, *rows[split]])
    for name, image in {item.id: item.image for item in written}.items():
        write_image(folder / "Manually_Annotated_Images" / name, image)
    for name in left_out:
        write_image(folder / "Manually_Annotated_Images" / name, written[0].image)
    return written


def _affectnet_2021(folder: Path, items: list[tuple[str, SyntheticFace]]) -> list[WrittenFace]:
    written = []
    for number, (split, face) in enumerate(items):
        place, image = folder / f"{split}_set", crop(face, AFFECTNET_SIDE)
        write_image(place / "images" / f"{number}.jpg", image)
        (place / "annotations").mkdir(exist_ok=True)
        # Numbers are text in the release, but for the landmarks.
        arrays: dict[str, np.ndarray] = {
            "exp": np.array(str(AFFECTNET_LABELS.index(face.expression))),
            "val": np.array(str(face.valence)),
            "aro": np.array(str(face.arousal)),
            "lnd": _in_crop(face, AFFECTNET_SIDE).ravel(),
        }
        for kind, array in arrays.items():
            np.save(place / "annotations" / f"{number}_{kind}.npy", array)
        written.append(WrittenFace(f"{split}_{number}", split, face, image))
    return written


def _whole_box(face: SyntheticFace) -> tuple[int, int, int, int]:
    """Left, top, width and height of the face in whole pixels, as `crop` takes them."""
    height, width = face.image.shape[:2]
    left, top, right, bottom = (round(max(0, edge)) for edge in face.box)
    right, bottom = min(right, width), min(bottom, height)
    return left, top, right - left, bottom - top


def _in_crop(face: SyntheticFace, side: int) -> np.ndarray:
    """(68, 2) landmarks in pixels of the crop."""
    left, top, width, height = _whole_box(face)
    return (face.landmarks - [left, top] + 0.5) * [side / width, side / height] - 0.5
