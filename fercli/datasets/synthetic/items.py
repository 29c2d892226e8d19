"""Drawn people as classes for retrieval, in the layouts of the four retrieval sets."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fercli.datasets.media import write_image
from fercli.datasets.synthetic.portraits import portrait
from fercli.datasets.synthetic.scene import SCENES
from fercli.datasets.synthetic.subject import ITEM_STREAM, generator, make_subject
from fercli.errors import ConfigError
from fercli.taxonomy import EXPRESSIONS

CARS_FIELDS = ("bbox_x1", "bbox_y1", "bbox_x2", "bbox_y2", "class", "test", "relative_im_path")


@dataclass(frozen=True)
class WrittenItem:
    """One image: the id that its reader gives, its split, the name of its class, and its role in a search."""

    id: str
    split: str
    name: str
    role: str | None = None


def write_cub(
    folder: Path, num_classes: int, images_per_class: int = 4, size: int = 64, seed: int = 0
) -> list[WrittenItem]:
    """Write CUB-200-2011: `images.txt`, `image_class_labels.txt` and `classes.txt` beside `images/<class>/`."""
    written, lines = [], []
    for label, number, image in _items(num_classes, images_per_class, size, seed):
        name = f"{label:03d}.Subject_{label}"
        file = f"{name}/Subject_{label}_{number:04d}.jpg"
        write_image(folder / "images" / file, image)
        written.append(WrittenItem(file, _half(label, num_classes), name))
        lines.append((len(written), file, label))
    (folder / "images.txt").write_text("".join(f"{key} {file}\n" for key, file, _ in lines))
    (folder / "image_class_labels.txt").write_text("".join(f"{key} {label}\n" for key, _, label in lines))
    names = dict.fromkeys(item.name for item in written)
    (folder / "classes.txt").write_text("".join(f"{label} {name}\n" for label, name in enumerate(names, start=1)))
    return written


def write_cars(
    folder: Path, num_classes: int, images_per_class: int = 4, size: int = 64, seed: int = 0
) -> list[WrittenItem]:
    """Write Cars-196: `car_ims/` and `cars_annos.mat`; its field `test` is the split for classification."""
    from scipy.io import savemat

    written: list[WrittenItem] = []
    rows = []
    for label, number, image in _items(num_classes, images_per_class, size, seed):
        file = f"car_ims/{len(written) + 1:06d}.jpg"
        write_image(folder / file, image)
        written.append(WrittenItem(file, _half(label, num_classes), f"Subject {label} Sedan 2012"))
        rows.append((1.0, 1.0, float(size), float(size), float(label), float(number % 2), file))
    table = np.array(rows, dtype=[(field, object) for field in CARS_FIELDS])
    names = np.array(list(dict.fromkeys(item.name for item in written)), dtype=object)
    savemat(folder / "cars_annos.mat", {"annotations": table, "class_names": names})
    return written


def write_online_products(
    folder: Path, num_classes: int, images_per_class: int = 4, size: int = 64, seed: int = 0
) -> list[WrittenItem]:
    """Write Stanford Online Products: `Ebay_train.txt` and `Ebay_test.txt` beside a folder for each kind of product."""
    written: list[WrittenItem] = []
    lines: dict[str, list[str]] = {"train": [], "test": []}
    for label, number, image in _items(num_classes, images_per_class, size, seed):
        file = f"bicycle_final/11108512{label:04d}_{number - 1}.JPG"
        write_image(folder / file, image)
        split = _half(label, num_classes)
        written.append(WrittenItem(file, split, str(label)))
        lines[split].append(f"{len(written)} {label} 1 {file}")
    for split, listed in lines.items():
        text = "\n".join(["image_id class_id super_class_id path", *listed])
        (folder / f"Ebay_{split}.txt").write_text(f"{text}\n")
    return written


def write_in_shop(
    folder: Path, num_classes: int, images_per_class: int = 4, size: int = 64, seed: int = 0
) -> list[WrittenItem]:
    """Write In-Shop Clothes: `Img/img/` and `Eval/list_eval_partition.txt`; every second test image is a query."""
    written, lines = [], []
    for label, number, image in _items(num_classes, images_per_class, size, seed):
        split = _half(label, num_classes)
        role = None if split == "train" else ("query", "gallery")[number % 2]
        name, file = f"id_{label:08d}", f"img/WOMEN/Dresses/id_{label:08d}/{number:02d}_1_front.jpg"
        write_image(folder / "Img" / file, image)
        written.append(WrittenItem(file, split, name, role))
        lines.append(f"{file:<60}{name:<16}{role or 'train'}")
    listed = "\n".join([str(len(lines)), "image_name item_id evaluation_status", *lines])
    (folder / "Eval").mkdir()
    (folder / "Eval" / "list_eval_partition.txt").write_text(f"{listed}\n")
    return written


def _half(label: int, num_classes: int) -> str:
    return "train" if 2 * label <= num_classes else "test"


def _items(num_classes: int, images_per_class: int, size: int, seed: int) -> Iterator[tuple[int, int, np.ndarray]]:
    """Yield the number of the class, the number of the image in it, both from 1, and the image (size, size, 3)."""
    if num_classes < 2 or images_per_class < 2:
        raise ConfigError(
            f"expected at least 2 classes of 2 images; found num_classes={num_classes}, "
            f"images_per_class={images_per_class}"
        )
    scenes = list(SCENES.values())
    for label in range(1, num_classes + 1):
        subject = make_subject(seed, label)
        for number in range(1, images_per_class + 1):
            rng = generator(seed, ITEM_STREAM, label * images_per_class + number)
            drawn = portrait(subject, str(rng.choice(EXPRESSIONS)), str(rng.choice(scenes)), size, rng)
            yield label, number, drawn.image
