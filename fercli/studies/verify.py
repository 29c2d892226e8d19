"""Check that stores, runs and studies are unchanged since they were finished, file by file and number by number."""

import json
import math
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from fercli import checksums
from fercli.config import foreign_parts, instantiate, load, read_yaml
from fercli.datasets.store import Store
from fercli.engine.weights import require_sound_checkpoint
from fercli.errors import FercliError, RunError, printable, reading
from fercli.intervals import in_words, recorded_units
from fercli.metrics.groups import recorded_values
from fercli.metrics.metric import Metric
from fercli.own_code import naming_own_code
from fercli.runs.folder import RunFolder
from fercli.runs.pack import LEFT_OUT
from fercli.runs.packed import packed_runs, unpacked
from fercli.runs.predictions import classes_of, columns_of, read_predictions
from fercli.runs.scale import scale_of_run
from fercli.runs.studies import results_of

State = Literal["sound", "damaged", "changed", "missing", "another number", "not checked", "unfinished", "not packed"]
SAME = 1e-6  # relative tolerance: another CPU computes a slightly different metric from the same predictions


@dataclass(frozen=True, slots=True)
class Finding:
    """The state of one file, or of one metric of a run.

    Attributes:
        state: `damaged`: the file cannot be read. `changed`: it can be read, but is not what was written; someone
            changed it, or it is damaged in a place that does not stop reading. `another number`: the predictions give
            another value of a metric than the run records. `not checked`: the metric is code of the user. `not packed`:
            a pack left the file out.
        detail: a sentence for the user; empty for a sound file.
    """

    path: Path
    state: State
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Rules:
    """How folders are verified.

    Attributes:
        trust: whether the configuration of a run may build metrics that are not part of fercli.
        left_out: names of files that may be missing although the checksums name them: a pack leaves them out.
    """

    trust: bool
    left_out: tuple[str, ...] = ()


def verify(path: Path, *, trust: bool = False) -> Iterator[Finding]:
    """Yield findings for a store, a run, the results of a study, or all of these below a folder; or for a pack.

    Args:
        trust: whether the configuration of a run may build metrics that are not part of fercli.

    Raises:
        RunError: there is nothing to verify.
    """
    yield from _pack(path, trust) if path.is_file() else _below(path, Rules(trust))


def _pack(path: Path, trust: bool) -> Iterator[Finding]:
    """Verify the folders of a pack; paths of the findings are those in the pack."""
    try:
        with unpacked(path) as folder:
            yield from verify_unpacked(path, folder, trust)
    except RunError as error:
        yield Finding(path, "damaged", str(error))


def verify_unpacked(path: Path, folder: Path, trust: bool) -> Iterator[Finding]:
    """Yield findings for the folder that a pack was unpacked into, with the paths in the pack.

    Raises:
        RunError: it does not say which runs it holds, or holds none.
    """
    packed_runs(path, folder)
    for found in _below(folder, Rules(trust, LEFT_OUT)):
        said = found.detail.replace(f"{folder}{os.sep}", "")
        yield replace(found, path=path / found.path.relative_to(folder), detail=said)


def _below(path: Path, rules: Rules) -> Iterator[Finding]:
    folders = [*_folders(path)]
    if not folders:
        raise RunError(f"expected a store, run, study, export or pack, or a folder of these in {path}; found none")
    for folder, check in folders:
        yield from check(folder, rules)


def _folders(path: Path) -> Iterator[tuple[Path, Callable[[Path, Rules], Iterator[Finding]]]]:
    for name, inside, files in os.walk(path):  # links to folders are not followed
        folder = Path(name)
        inside.sort()
        if "dataset.json" in files:
            yield folder, _store
        elif "config.yaml" in files or "metrics.json" in files:
            yield folder, _run
        elif "table.json" in files:
            yield folder, _study
        elif "model.json" in files and checksums.FILE in files:
            yield folder, _export
        else:
            continue
        inside[:] = [name for name in inside if name == "eval" and "metrics.json" in files]


def _export(folder: Path, rules: Rules) -> Iterator[Finding]:
    """Check the files of an exported network; its page for the browser lies in a folder below it."""
    yield from _files(folder, "model.json", rules)


def _files(folder: Path, last: str, rules: Rules) -> Iterator[Finding]:
    """Check every file in the checksums of a folder; `last` is the file that a finished folder must have."""
    try:
        sums = checksums.sums_of(folder)
    except RunError as error:
        yield Finding(folder / checksums.FILE, "missing" if "is missing" in str(error) else "damaged", str(error))
        return
    for name, value in sums.items():
        state = checksums.state(folder, name, value)
        if state == "changed":
            yield _changed(folder / name)
        elif state == "missing" and name in rules.left_out:
            yield Finding(folder / name, "not packed")
        else:
            yield Finding(folder / name, state, f"{checksums.FILE} names it" if state == "missing" else "")
    if last not in sums:
        yield Finding(folder / last, "changed", f"{checksums.FILE} does not name it")


def _changed(path: Path) -> Finding:
    try:
        with reading(path, "a sound file"):
            READERS.get(path.suffix, Path.read_bytes)(path)
    except (FercliError, OSError) as error:
        return Finding(path, "damaged", str(error))
    return Finding(path, "changed", "it can be read, but is not what was written: it was changed by hand, or damaged")


def _arrow(path: Path) -> None:
    import pyarrow as pa

    pa.ipc.open_file(pa.py_buffer(path.read_bytes())).read_all().validate(full=True)


def _parquet(path: Path) -> None:
    import pyarrow.parquet as pq

    pq.read_table(path)


READERS: Mapping[str, Callable[[Path], Any]] = {
    ".json": lambda path: json.loads(path.read_bytes()),
    ".yaml": read_yaml,
    ".csv": lambda path: path.read_text("utf-8"),
    ".ckpt": require_sound_checkpoint,
    ".arrow": _arrow,
    ".parquet": _parquet,
}


def _store(folder: Path, rules: Rules) -> Iterator[Finding]:
    found = [*_files(folder, "dataset.json", rules)]
    yield from found
    if all(one.state == "sound" for one in found):
        try:
            len(Store(folder))
        except FercliError as error:
            yield Finding(folder / "dataset.json", "damaged", str(error))


def _run(folder: Path, rules: Rules) -> Iterator[Finding]:
    run = RunFolder(folder)
    if not run.finished:
        yield from _unfinished(run)
        return
    found = [*_files(folder, run.metrics.name, rules)]
    yield from found
    if all(one.state in ("sound", "not packed") for one in found):
        yield from _numbers(run, rules.trust)


def _unfinished(run: RunFolder) -> Iterator[Finding]:
    yield Finding(run.path, "unfinished", "it has no metrics.json; the command that started it continues it")
    for checkpoint in (run.last, run.best):
        if checkpoint.is_file():
            try:
                require_sound_checkpoint(checkpoint)
                yield Finding(checkpoint, "sound")
            except RunError as error:
                yield Finding(checkpoint, "damaged", str(error))


def _numbers(run: RunFolder, trust: bool) -> Iterator[Finding]:
    """Recompute each metric of a run from its predictions; skip metrics that need columns that are not stored."""
    config = run.config if run.config.is_file() else run.path.parents[1] / run.config.name  # of an evaluation
    try:
        says, metrics = run.read_metrics(), load(config, trust=True).metrics  # each is checked below
        frame = read_predictions(run)
        scale = scale_of_run(run)
        with reading(run.predictions, "the predictions of a run", error=RunError):
            classes, columns = classes_of(frame), columns_of(frame)
            recorded = {str(name): float(score["value"]) for name, score in says["metrics"].items()}
            apart = says.get("without_twins", {}).get("metrics", {})
            recorded_apart = {str(name): float(score["value"]) for name, score in apart.items()}
            drawn = {str(name): recorded_units(score, str(run.metrics)) for name, score in says["metrics"].items()}
            kept = {name: column[~columns["has_twin"]] for name, column in columns.items()} if apart else {}
            groups = recorded_values(says.get("groups", {"by": {}}), columns)
    except FercliError as error:
        yield Finding(run.predictions, "damaged", str(error))
        return
    for name, value in recorded.items():
        if name not in metrics:
            yield Finding(run.metrics, "another number", f"{printable(name)} is no metric of its config.yaml")
            continue
        if not trust and (foreign := foreign_parts(metrics[name])):
            detail = f"{name} is code outside of fercli ({', '.join(foreign)}); if you know it, give --trust-config"
            yield Finding(run.metrics, "not checked", detail)
            continue
        try:
            with naming_own_code():
                metric: Metric = instantiate(metrics[name]).for_data(classes, scale)
                if not metric.is_possible(columns):
                    continue
                pairs = [(name, value, metric(columns))]
                if drawn[name] and drawn[name] != (units := metric.units(columns).counts):
                    detail = f"it says that the interval of {name} is over {in_words(drawn[name])}"
                    yield Finding(run.metrics, "another number", f"{detail}; its predictions are of {in_words(units)}")
                if name in recorded_apart and metric.is_possible(kept):
                    pairs.append((f"{name} without twins", recorded_apart[name], metric(kept)))
                pairs += [
                    (f"{name} of {what}", then[name], metric(rows)) for what, then, rows in groups if name in then
                ]
        except FercliError as error:
            yield Finding(run.metrics, "another number", f"{name} cannot be computed: {error}")
            continue
        for what, then, now in pairs:
            if not (math.isclose(then, now, rel_tol=SAME, abs_tol=1e-12) or (math.isnan(then) and math.isnan(now))):
                detail = f"it says {what} {then:.6g}; its predictions give {now:.6g}"
                yield Finding(run.metrics, "another number", detail)


def _study(folder: Path, rules: Rules) -> Iterator[Finding]:
    found = [*_files(folder, "table.json", rules)]
    yield from found
    if any(one.path.name == "table.json" and one.state != "sound" for one in found):
        return
    for run in results_of(folder):
        if (run / "metrics.json").is_file():
            yield from _run(run, rules)
        else:
            named = "/".join(run.relative_to(folder.parents[1]).parts)
            detail = f"its run {printable(named)} is not there, or not finished"
            yield Finding(folder / "table.json", "missing", detail)


def doubts(folder: Path) -> list[str]:
    """Return a sentence for each file of a finished run that is not what was written, and each number it does not give.

    Code of the user is not run, so numbers of own metrics are not checked.
    """
    found = [one for one in _run(folder, Rules(trust=False)) if not is_sound(one) and one.state != "not checked"]
    return [f"{one.path.name}: {one.state}: {one.detail}" for one in found if one.path.parent == folder]


def is_sound(finding: Finding) -> bool:
    """Return whether a finding puts no number in doubt; an unfinished run has no numbers, weights are no numbers."""
    return finding.state in ("sound", "unfinished", "not packed")
