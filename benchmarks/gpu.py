"""Measure fercli on a GPU in under eight minutes: training steps, input, detection, losses, evaluation, memory.

    python -m benchmarks.gpu [--device cuda] [--sizes 112,224] [--images PATH] [--output gpu.json]

Images are drawn; with `--images`, faces are looked for in your own images, or in the frames of a video. The parts:

- step: ResNet-18 in bfloat16, with and without `trainer.compile`. The peer is torch's bare loop; see
  `benchmarks.step_rate`.
- input: JPEG files to batches on the device, changed by `augment=shift_flip`, with the processes that
  `trainer.num_workers=auto` takes. The peer is ImageFolder with PIL, with as many processes.
- detector: MTCNN, on batches of images of 350 pixels. The peer is facenet-pytorch on the same batches.
- losses: what a metric loss adds to a training step of ResNet-18 in float32; the peer is the whole step with
  cross-entropy alone. See `benchmarks.loss_cost`.
- evaluation: from JPEG files to predictions, in float32.
- scaling: whole trainings with one device, and with all; on a CPU, with one process and with two.

Without a GPU, the CPU form runs: smaller images, nothing compiled. Rates are of wall-clock time. MiB is the largest
memory that torch took on the GPU.
"""

import argparse
import csv
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import cv2
import facenet_pytorch
import numpy as np
import torch
from torch.utils.data import DataLoader
from torchvision import transforms as T
from torchvision.datasets import ImageFolder

from benchmarks import input_rate, loss_cost, measure, mtcnn
from benchmarks.step_rate import Training, rates
from fercli.engine.predict import predict
from fercli.preprocess.detect import MTCNN

OF_A_SIZE = ("step", "input", "evaluation", "scaling")
PARTS = (*OF_A_SIZE, "detector", "losses")
LOSSES = ("center", "dda", "island", "arc_face", "batch_hard_triplet", "multi_similarity")
COLUMNS = {"part": "", "case": "", "value": ",.4g", "unit": "", "peer": ",.4g", "ratio": ".2f", "MiB": ",.0f"}
SIDE = 350  # pixels of the images in which faces are looked for
Row = tuple[Any, ...]


def steps(training: Training, options: argparse.Namespace) -> Iterator[Row]:
    """Yield the rate of training steps; on a GPU, compiled as well."""
    for compiled in (False, True) if options.device == "cuda" else (False,):
        found = rates(training, options.steps, options.repeats, "bf16-mixed", compiled)
        case = f"{training.size} pixels, bf16{', compiled' if compiled else ''}"
        yield "step", case, found.own, "images/s", found.bare, found.ratio, found.peak


def inputs(training: Training, options: argparse.Namespace) -> Iterator[Row]:
    """Yield the rate of images from files to batches on the device."""
    _, data, method = training.built("augment=shift_flip")
    method.train()
    size, rows = training.batch, data.split.train
    own = data.loader(rows, [list(range(start, start + size)) for start in range(0, len(rows) - size + 1, size)])
    change = [*input_rate.peers(training.size)["shift_flip"], T.ToTensor(), T.Normalize([0.5] * 3, [0.25] * 3)]
    images = ImageFolder(str(training.store.parent / "raw" / "train"), T.Compose(change))
    workers: dict[str, Any] = {"num_workers": own.num_workers, "persistent_workers": own.num_workers > 0}
    peer = DataLoader(images, size, shuffle=True, drop_last=True, pin_memory=data.pin_memory, **workers)

    def read_own() -> None:
        for batch in own:
            method.augmented(batch.to(training.device))

    def read_peer() -> None:
        for image, _ in peer:
            image.to(training.device, non_blocking=True)

    case = f"{training.size} pixels, workers: {own.num_workers}"
    yield "input", case, *compared(read_own, read_peer, len(own) * size, options.repeats)


def compared(own: Any, peer: Any, number: int, repeats: int) -> Row:
    """Return the rates of two functions that do the same with a number of images, their ratio, and no memory."""
    rounds = measure.take_turns({"own": own, "peer": peer}, repeats)
    mine, theirs = (measure.middle([took[name] for took in rounds]).wall for name in ("own", "peer"))
    return number / mine, "images/s", number / theirs, theirs / mine, None


def evaluation(training: Training, options: argparse.Namespace) -> Iterator[Row]:
    """Yield the rate of predictions for the training images."""
    _, data, method = training.built("augment=none")
    rows = data.split.train
    if options.device == "cuda":
        torch.cuda.reset_peak_memory_stats()
    took = measure.timed(lambda: predict(method, data, rows), options.repeats).wall
    peak = torch.cuda.max_memory_allocated() / 2**20 if options.device == "cuda" else None
    yield "evaluation", f"{training.size} pixels, float32", len(rows) / took, "images/s", None, None, peak


def scaling(training: Training, options: argparse.Namespace) -> Iterator[Row]:
    """Yield the rate of whole trainings, from their second epoch on; the batch grows with the devices."""
    if training.size != options.sizes[0]:
        return
    alone = None
    for count in dict.fromkeys((1, torch.cuda.device_count() if options.device == "cuda" else 2)):
        sizes = (f"trainer.batch_size={training.batch * count}", f"trainer.devices={count}", "trainer.max_epochs=3")
        with tempfile.TemporaryDirectory() as runs:
            command = [sys.executable, "-m", "fercli", "train", *training.options(*sizes), f"runs={runs}"]
            subprocess.run(command, check=True, capture_output=True)
            (history,) = Path(runs).glob("*/seed0/history.csv")
            first, _, last = csv.DictReader(history.read_text().splitlines())
        rate = 2 * options.rows / (float(last["seconds"]) - float(first["seconds"]))
        alone = alone or rate
        case = f"{training.size} pixels, {count} {'devices' if count > 1 else 'device'}"
        yield "scaling", case, rate, "images/s", alone, rate / alone, None


def detection(options: argparse.Namespace) -> Iterator[Row]:
    """Yield the rate of the detector, and how many of its faces are those of facenet-pytorch."""
    found = mtcnn.images_of(options.images, SIDE, 1) if options.images else drawn_images()
    images = list(islice(found, options.detected))
    parts = [images[start : start + 16] for start in range(0, len(images), 16)]
    network, detector = facenet_pytorch.MTCNN(device=options.device), MTCNN(device=options.device)
    faces: dict[str, list[Any]] = {}

    def own() -> None:
        faces["own"] = [of_image for part in parts for of_image in detector.detect(part)]

    def peer() -> None:
        faces["peer"] = [of_image for part in parts for of_image in mtcnn.peer(network, part)]

    yield "detector", f"{len(images)} images", *compared(own, peer, len(images), options.repeats)
    of_peer, _, _, same, *_ = mtcnn.compare(faces["own"], faces["peer"])
    yield "detector", "faces that are the same", same, "faces", of_peer, None, None


def drawn_images() -> Iterator[np.ndarray]:
    """Yield drawn faces on gray images, without end."""
    from fercli.datasets.synthetic.faces import faces

    drawn = [cv2.resize(face.image, (200, 200)) for face in faces(16, seed=0, size=128)]
    while True:
        for number, face in enumerate(drawn):
            image = np.full((SIDE, SIDE, 3), 128, np.uint8)
            image[8 * number :][:200, 8 * number :][:, :200] = face
            yield image


def losses(options: argparse.Namespace) -> Iterator[Row]:
    """Yield what each loss adds to a step with cross-entropy."""
    step, costs = loss_cost.costs(options.sizes[0], options.batch, options.device, LOSSES, (), options.repeats)
    for name, cost in costs.items():
        assert cost.alone is not None  # only heads have none
        yield "losses", name, 1000 * cost.alone, "ms more", 1000 * step, None, None


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure each part, print the table, and keep it as JSON."""
    cuda = torch.cuda.is_available()
    parser = measure.parser_of(__spec__.name, __doc__, 5, "turns of each measurement")
    parser.add_argument("--device", default="cuda" if cuda else "cpu", choices=["cpu", "cuda"])
    parser.add_argument("--parts", type=measure.names, default=PARTS, help=f"of {', '.join(PARTS)}")
    parser.add_argument("--sizes", type=measure.numbers, default="112,224" if cuda else "64", help="pixels")
    parser.add_argument("--batch", type=measure.positive, default=128 if cuda else 32, help="images of a step")
    parser.add_argument("--steps", type=measure.positive, default=40 if cuda else 4, help="of each turn")
    parser.add_argument("--rows", type=measure.positive, default=4096 if cuda else 256, help="drawn images of a size")
    parser.add_argument("--detected", type=measure.positive, default=96 if cuda else 8, help="images for the detector")
    parser.add_argument("--images", type=Path, help="a folder of images, or a video, for the detector")
    parser.add_argument("--output", type=Path, help="a file that keeps what --json prints")
    options = parser.parse_args(arguments)
    if options.device == "cuda" and not cuda:
        parser.error("torch finds no GPU; the CPU form is --device cpu")
    with measure.report(options) as report, tempfile.TemporaryDirectory() as folder:
        table = report.table(f"fercli on a {'GPU' if options.device == 'cuda' else 'CPU'}", COLUMNS)
        for size in options.sizes if set(options.parts) & set(OF_A_SIZE) else ():
            store = input_rate.drawn_store(Path(folder) / str(size), size, options.rows)
            training = Training(store, size, options.batch, options.device)
            for name, measured in zip(OF_A_SIZE, (steps, inputs, evaluation, scaling), strict=True):
                for row in measured(training, options) if name in options.parts else ():
                    table.add(*row)
        for name, of_all in {"detector": detection, "losses": losses}.items():
            for row in of_all(options) if name in options.parts else ():
                table.add(*row)
    if options.output:
        options.output.write_text(report.document(options) + "\n")


if __name__ == "__main__":
    main()
