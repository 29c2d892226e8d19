"""Images a second from disk to the batch that the network sees, beside torchvision's ImageFolder with PIL.

    python -m benchmarks.input_rate [--sizes 64,112,224] [--augments six,ten_crop] [--images 64]

Drawn images of each size lie in a store of fercli and, in the same files, in a folder for ImageFolder. Both decode
them, change them at random as `augment=NAME` says, normalize them and put them into one batch: fercli in whole batches,
the peer image by image with torchvision's transforms of PIL images. Both take turns in one process. `decode` is the
part of fercli's time that reads and decodes; the augmentation takes the rest.
"""

import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import cv2
import numpy as np
import torch
from torchvision import transforms as T
from torchvision.datasets import ImageFolder

from benchmarks import measure
from fercli.batch import Batch
from fercli.config import compose, instantiate
from fercli.datasets.images import ImageRows
from fercli.datasets.readers.folder import Folder
from fercli.datasets.source import Source
from fercli.datasets.store import Store
from fercli.preprocess.crop import Crop
from fercli.preprocess.face import WholeImage
from fercli.preprocess.job import Job
from fercli.preprocess.pipeline import preprocess
from fercli.preprocess.work import Work

AUGMENTS = ("none", "shift_flip", "shift_turn_scale", "six", "ten_crop", "pad_crop", "resized_crop", "crop_flip_turn")
STRONGER = {"shift_turn_scale": ("shift_flip", ["augment.rotation=10", "augment.scale=0.1"])}


def peers(size: int) -> Mapping[str, Sequence[Any]]:
    """Return the usual transforms of a PIL image for each augmentation, as torchvision has them."""
    flip = T.RandomHorizontalFlip()
    return {
        "none": [T.Resize((size, size))],
        "shift_flip": [T.RandomCrop(size, padding=4, padding_mode="symmetric"), flip],
        "shift_turn_scale": [T.RandomAffine(10, (4 / size, 4 / size), (0.9, 1.1), interpolation=LINEAR), flip],
        "six": [T.RandomRotation(30, LINEAR), flip, T.ColorJitter(0.2, 0.2, 0.2, 0.05)],
        "ten_crop": [T.Resize(size * 8 // 7), T.TenCrop(size), T.RandomChoice([T.Lambda(one) for one in PICKS])],
        "pad_crop": [T.RandomCrop(size, padding=8), flip],
        "resized_crop": [T.RandomResizedCrop(size, (0.16, 1)), flip],
        "crop_flip_turn": [
            T.RandomCrop(round(0.875 * size)),
            T.RandomChoice([flip_always, T.RandomRotation(15, LINEAR), unchanged], [0.25, 0.25, 0.5]),
            T.Resize((size, size)),
        ],
    }


def pick(place: int) -> Callable[[Sequence[Any]], Any]:
    """Return a function that picks one of ten crops."""
    return lambda crops: crops[place]


LINEAR = T.InterpolationMode.BILINEAR
PICKS = [pick(place) for place in range(10)]
flip_always = T.RandomHorizontalFlip(1.0)
unchanged = T.Lambda(lambda image: image)


def drawn_store(folder: Path, size: int, number: int) -> Path:
    """Write drawn images into `folder`/raw, for training and two more for evaluation, and return a store of them."""
    for split, count in {"train": number, "test": 2}.items():
        write_images(folder / "raw" / split, size, count)
    job = Job("folder", Folder(), Work(Source(folder / "raw"), WholeImage(), Crop(size=size)))
    preprocess(job, folder / "store")
    return folder / "store"


def write_images(folder: Path, size: int, number: int) -> None:
    """Write drawn faces as JPEG files of this size in quality 95, in a folder for each of two classes."""
    from fercli.datasets.synthetic.faces import faces

    drawn = [face.image for face in faces(min(number, 8), seed=0, size=max(96, size))]
    random = np.random.default_rng(0)
    for i in range(number):
        place = folder / ("fear", "joy")[i % 2]
        place.mkdir(parents=True, exist_ok=True)
        image = cv2.resize(drawn[i % len(drawn)], (size, size), interpolation=cv2.INTER_AREA)[..., ::-1]
        grain = random.normal(scale=4, size=image.shape)  # of a photograph: it decides how long decoding takes
        grainy = (image + grain).clip(0, 255).astype(np.uint8)
        cv2.imwrite(str(place / f"{i}.jpg"), grainy, [cv2.IMWRITE_JPEG_QUALITY, 95])


def augment_of(name: str, size: int) -> torch.nn.Module:
    """Build an augmentation from its yaml file, in training mode."""
    file, more = STRONGER.get(name, (name, []))
    resize = [f"augment.resize={size * 8 // 7}"] if name == "ten_crop" else []
    cfg = compose("train", ["data=rafdb", f"augment={file}", f"augment.size={size}", *resize, *more])
    built: torch.nn.Module = instantiate(cfg.augment)
    return built.train()


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure each size and augmentation, and print the table."""
    parser = measure.parser_of(__spec__.name, __doc__, 5, "batches of each")
    parser.add_argument("--sizes", type=measure.numbers, default="64,112,224", help="pixels of stored and seen images")
    parser.add_argument("--augments", type=measure.names, default=AUGMENTS, help="names of files in conf/augment")
    parser.add_argument("--images", type=measure.positive, default=64, help="of a batch")
    options = parser.parse_args(arguments)
    with measure.report(options) as report, tempfile.TemporaryDirectory() as name:
        columns = {"pixels": "d", "augment": "", "images/s": ",.0f", "ImageFolder + PIL": ",.0f", "ratio": ".2f"}
        table = report.table("Images a second", columns | {"decode %": ".0f"})
        for size in options.sizes:
            folder = Path(name) / str(size)
            store = Store(drawn_store(folder, size, options.images))
            rows = ImageRows(store, np.flatnonzero(store.column("split") == "train"))
            for augment in options.augments:
                table.add(size, augment, *rates(rows, folder / "raw" / "train", augment, size, options.repeats))


def rates(rows: ImageRows, raw: Path, name: str, size: int, repeats: int) -> tuple[float, float, float, float]:
    """Measure one augmentation: images a second of both, their ratio, and the share of decoding in percent."""
    augment, places = augment_of(name, size), list(range(len(rows)))
    normalize = [T.ToTensor(), T.Normalize([0.5] * 3, [0.25] * 3)]
    peer = ImageFolder(str(raw), T.Compose([*peers(size)[name], *normalize]))

    def whole() -> Batch:
        found: Batch = augment(rows.__getitems__(places))
        return found

    calls = {
        "decode": lambda: rows.__getitems__(places),
        "fercli": whole,
        "peer": lambda: torch.stack([peer[i][0] for i in places]),
    }
    rounds = measure.take_turns(calls, repeats)
    own, theirs, decode = (measure.middle([took[call] for took in rounds]).cpu for call in ("fercli", "peer", "decode"))
    ratio = median(took["peer"].cpu / took["fercli"].cpu for took in rounds)
    return len(rows) / own, len(rows) / theirs, ratio, 100 * decode / own


if __name__ == "__main__":
    main()
