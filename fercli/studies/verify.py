"""Check that stores, runs and studies are unchanged since they were finished, file by file and number by number."""

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from fercli import checksums
from fercli.datasets.store import Store
from fercli.engine.weights import require_sound_checkpoint
from fercli.errors import FercliError, RunError, printable
from fercli.runs.folder import RunFolder
from fercli.runs.pack import LEFT_OUT
from fercli.runs.packed import packed_runs, unpacked
from fercli.runs.studies import results_of
from fercli.studies.finding import Finding, Rules, is_sound
from fercli.studies.verify_files import check_files
from fercli.studies.verify_numbers import wrong_numbers


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
    yield from check_files(folder, "model.json", rules)


def _store(folder: Path, rules: Rules) -> Iterator[Finding]:
    found = [*check_files(folder, "dataset.json", rules)]
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
    found = [*check_files(folder, run.metrics.name, rules)]
    yield from found
    if all(one.state in ("sound", "not packed") for one in found):
        yield from wrong_numbers(run, rules.trust)


def _unfinished(run: RunFolder) -> Iterator[Finding]:
    yield Finding(run.path, "unfinished", "it has no metrics.json; the command that started it continues it")
    for checkpoint in (run.last, run.best):
        if checkpoint.is_file():
            try:
                require_sound_checkpoint(checkpoint)
                yield Finding(checkpoint, "sound")
            except RunError as error:
                yield Finding(checkpoint, "damaged", str(error))


def _study(folder: Path, rules: Rules) -> Iterator[Finding]:
    found = [*check_files(folder, "table.json", rules)]
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
