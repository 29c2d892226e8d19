"""Cost of fitting a classifier to the features of a run, and agreement of the approximate with the exact SVM.

    python benchmarks/svm_cost.py --rows 2000,8000 --repeats 3
    python benchmarks/svm_cost.py --rows 255000 --classifiers svm,linear_svm

Prints a Markdown table, or with `--json` one JSON object per line. The features are random: 7 classes with the
frequencies of AffectNet, two clusters each in 16 dimensions, mixed into `--width` numbers of variance 1 with noise. The
distance of the clusters is chosen so that a good SVM has about the error of the networks of Antoniadis 2021.

Each fit has its own process with one thread. Its time is CPU time; its memory is the peak of the process, including the
features. Accuracy is measured on 3,500 rows with equal classes. `agreement` is the share of these rows to which the
exact SVM gives the same class.
"""

import argparse
import json
import multiprocessing
import os
import resource
import time
from statistics import mean

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
os.environ |= dict.fromkeys(THREADS, "1")  # must be set before NumPy is imported

import numpy as np  # noqa: E402

from fercli.batch import Labels  # noqa: E402
from fercli.engine.classifier import Classifier, fit  # noqa: E402

FREQUENCIES = np.array([74874, 134415, 25459, 14090, 6378, 3803, 24882]) / 283901
NUM_TEST = 3500
CLUSTERS, DIMENSIONS, SPREAD, NOISE = 2, 16, 1.35, 0.5
EXACT = ("svm", ("max_exact_rows=1000000000",))


def draw(number: int, seed: int, width: int, balanced: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """(number, width) float32 features and (number,) classes."""
    world, rng = np.random.default_rng(0), np.random.default_rng([1, seed])
    centers = world.normal(size=(7, CLUSTERS, DIMENSIONS))
    mixing = world.normal(size=(DIMENSIONS, width)).astype(np.float32) / np.sqrt(DIMENSIONS)
    targets = rng.choice(7, number, p=None if balanced else FREQUENCIES)
    points = centers[targets, rng.integers(CLUSTERS, size=number)] + SPREAD * rng.normal(size=(number, DIMENSIONS))
    features = points.astype(np.float32) @ mixing
    features += NOISE * rng.standard_normal(features.shape, dtype=np.float32)
    features /= np.sqrt(1 + SPREAD**2 + NOISE**2)
    return features, targets


def measured(name: str, options: tuple[str, ...], number: int, width: int, seed: int) -> dict[str, object]:
    """Measure one fit: form, seconds, gigabytes, accuracy, and predicted classes of the test rows."""
    features, targets = draw(number, seed, width)
    unknown, whole = np.full(number, np.nan), np.full(number, -1)
    labels = Labels(targets, np.stack([unknown, unknown], 1), unknown, unknown, whole, whole)
    begin = time.process_time()
    fitted = fit(Classifier.named(name, options), features, labels)
    seconds = time.process_time() - begin
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    test, true = draw(NUM_TEST, 10_000 + seed, width, balanced=True)
    answers = fitted.model.predict(test)
    form = getattr(fitted.model, "form_", "linear")
    accuracy = 100 * float((answers == true).mean())
    return {"form": form, "seconds": seconds, "gigabytes": held, "accuracy": accuracy, "answers": answers}


def main() -> None:
    """Fit every classifier to every number of rows, and print the cost."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", default="2000,8000")
    parser.add_argument("--width", type=int, default=1024)
    parser.add_argument("--classifiers", default="exact,svm,linear_svm", help="exact: svm without its approximation")
    parser.add_argument("--landmarks", type=int, default=1000, help="of svm, approximated here at any size")
    parser.add_argument("--repeats", type=int, default=1, help="draws of the features")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    if not given.json:
        print("| rows | classifier | CPU time | memory | accuracy | agreement |", flush=True)
        print("| --- | --- | --- | --- | --- | --- |", flush=True)
    forms = {"exact": EXACT, "svm": ("svm", ("max_exact_rows=1", f"num_landmarks={given.landmarks}"))}
    for number in map(int, given.rows.split(",")):
        exact: list[np.ndarray] = []
        for name in given.classifiers.split(","):
            found = []
            for seed in range(given.repeats):
                with multiprocessing.get_context("spawn").Pool(1) as process:
                    found.append(process.apply(measured, (*forms.get(name, (name, ())), number, given.width, seed)))
            answers = [one.pop("answers") for one in found]
            exact = answers if name == "exact" else exact
            agreement = [100 * float((a == b).mean()) for a, b in zip(answers, exact, strict=False)]
            numbers = {key: mean(one[key] for one in found) for key in ("seconds", "gigabytes", "accuracy")}
            row = {"rows": number, "classifier": name, "form": found[0]["form"], "repeats": given.repeats, **numbers}
            row |= {"agreement": mean(agreement)} if agreement else {}
            if given.json:
                print(json.dumps(row), flush=True)
                continue
            shown = f"{row['agreement']:.1f}" if agreement else ""
            print(
                f"| {number:,} | {name} ({row['form']}) | {row['seconds']:,.1f} s | {row['gigabytes']:.1f} GB "
                f"| {row['accuracy']:.2f} | {shown} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
