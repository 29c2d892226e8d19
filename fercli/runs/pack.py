"""Pack runs or a study into one file: what somebody else needs to check the numbers, and to train the runs again.

pack.json                      what is in the file
SHA256SUMS                     checksums of all other files
runs/<name>/seed<k>/           the files of a finished run, with its evaluations; no figures, because they hold images
runs/<name>/seed<k>.lock       versions of all packages that it was trained with, as a requirements file for pip
runs/studies/<study>/          the tables of a study

The archive is a zip without compression, so that equal content gives equal bytes on every machine, and so that a file
of a hostile archive cannot grow when it is read.
"""

import json
import os
import re
import shutil
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import IO, Any
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from fercli import checksums
from fercli.errors import RunError, printable, reading
from fercli.files import written_whole
from fercli.runs.folder import PUT_BACK, SEALED, RunFolder
from fercli.runs.provenance import read_provenance
from fercli.runs.studies import TABLE, results_of, run_of

FORMAT = 1
DESCRIPTION = "pack.json"
RUNS = "runs"
WEIGHTS = "weights.ckpt"
PAGE = "report.html"
NOTES = "notes.json"  # a note is for its writer, and a pack for everybody
LEFT_OUT = (WEIGHTS, PAGE, NOTES)  # files that a folder's own checksums name, and that a pack may lack
NAME = re.compile(r"[\w.-]{1,255}", re.ASCII)
BEGIN = (1980, 1, 1, 0, 0, 0)  # the first time that a zip can hold
CHUNK = 1 << 20

Content = Path | bytes


def pack_name(path: Path) -> str:
    """Return the usual name of the pack of a run, of the seeds of a run, or of a study."""
    path = Path(os.path.abspath(path))
    return f"{path.parent.name}-{path.name}.zip" if re.fullmatch(r"seed\d+", path.name) else f"{path.name}.zip"


def pack(path: Path, target: Path, *, weights: bool = False) -> dict[str, int]:
    """Pack a run, all seeds of an experiment, or a study with its runs.

    Args:
        path: run folder, folder with the seeds of a run, or folder of a study.
        target: file to write.
        weights: pack the trained weights as well.

    Returns:
        The size of each packed file in bytes, by its name in the archive.

    Raises:
        RunError: a run is not finished, or one of its files is missing or damaged.
    """
    study = path if (path / TABLE).is_file() else None
    runs = _runs(path, study)
    contents: dict[str, Content] = {}
    for run in runs:
        contents |= _run_files(run, weights)
    if study is not None:
        contents |= _study_files(study)
    description = {
        "format": FORMAT,
        "study": None if study is None else study.name,
        "weights": weights,
        "runs": [_described(run) for run in runs],
    }
    contents[DESCRIPTION] = (json.dumps(description, indent=2) + "\n").encode()
    sums = {name: _digest(content) for name, content in contents.items()}
    contents[checksums.FILE] = "".join(f"{sums[name]}  {name}\n" for name in sorted(sums)).encode()
    _write(target, contents)
    return {name: _size(contents[name]) for name in sorted(contents)}


def _runs(path: Path, study: Path | None) -> list[RunFolder]:
    if study is not None:
        folders = list(dict.fromkeys(map(run_of, results_of(study))))
    elif (path / "metrics.json").is_file() or (path / "config.yaml").is_file():
        folders = [Path(os.path.abspath(path))]
    else:
        folders = sorted(folder for folder in path.glob("seed*") if folder.is_dir())
    if not folders:
        raise RunError(f"expected a run folder, a folder with its seeds, or a study with a {TABLE} in {path}")
    runs = [RunFolder(folder) for folder in folders]
    for run in runs:
        if not run.finished:
            raise RunError(
                f"{run.path} is not finished, so it cannot be packed; the command that started it continues it"
            )
    return runs


def _run_files(run: RunFolder, weights: bool) -> Iterator[tuple[str, Content]]:
    prefix = f"{RUNS}/{_name(run.path.parent.name)}/{_name(run.path.name)}"
    yield from _sealed(run, prefix, weights)
    yield f"{prefix}.lock", _lock(run)
    for evaluation in sorted(run.path.glob("eval/*")):
        if (evaluation / "metrics.json").is_file():
            yield from _sealed(RunFolder(evaluation), f"{prefix}/eval/{_name(evaluation.name)}", weights)


def _sealed(run: RunFolder, prefix: str, weights: bool) -> Iterator[tuple[str, Content]]:
    """Yield the files of a finished run or evaluation that its checksums name, after comparing them."""
    sums = checksums.sums_of(run.path)
    left_out = (NOTES,) if weights else (NOTES, WEIGHTS)
    names = [name for name in (*SEALED, run.metrics.name) if name in sums and name not in left_out]
    run.require_sound(*(run.path / name for name in names))
    yield from ((f"{prefix}/{name}", run.path / name) for name in (*names, checksums.FILE))


def _study_files(study: Path) -> Iterator[tuple[str, Content]]:
    sums = checksums.sums_of(study)
    names = [name for name in sums if NAME.fullmatch(name) and name != PAGE]
    checksums.require_sound(study, names, remedy="run the study again")
    prefix = f"{RUNS}/studies/{_name(study.name)}"
    yield from ((f"{prefix}/{name}", study / name) for name in (*names, checksums.FILE))


def _name(text: str) -> str:
    if not NAME.fullmatch(text) or text in (".", ".."):
        raise RunError(f"expected a folder with a name of letters, digits and _ . -, found '{printable(text)}'")
    return text


def _lock(run: RunFolder) -> bytes:
    """Return the versions of a run as a requirements file; an older run recorded the main packages only."""
    with reading(run.path / "provenance.json", "where a run comes from", error=RunError, remedy=PUT_BACK):
        origin = read_provenance(run.path)
        versions = dict(origin.get("versions", {}))
        python = versions.pop("python", "not recorded")
        locked = dict(origin.get("packages") or versions)
        lines = [
            f"{printable(str(name))}=={printable(str(value))}\n" for name, value in sorted(locked.items()) if value
        ]
        return "".join([f"# Python {printable(str(python))}\n", *lines]).encode()


def _described(run: RunFolder) -> dict[str, Any]:
    with reading(run.metrics, "the numbers of a run", error=RunError, remedy=PUT_BACK):
        result = run.read_metrics()
        facts = {name: result[name] for name in ("run_id", "method", "backbone", "seed")}
        data = {name: result["data"][name] for name in ("name", "fingerprint")}
        return {"folder": f"{RUNS}/{run.path.parent.name}/{run.path.name}", **facts, "data": data}


@contextmanager
def _opened(content: Content) -> Iterator[IO[bytes]]:
    with BytesIO(content) if isinstance(content, bytes) else content.open("rb") as file:
        yield file


def _digest(content: Content) -> str:
    return checksums.digest(content) if isinstance(content, bytes) else checksums.digest_of(content)


def _size(content: Content) -> int:
    return len(content) if isinstance(content, bytes) else content.stat().st_size


def _write(target: Path, contents: Mapping[str, Content]) -> None:
    """Write the archive completely or not at all; equal contents give equal bytes."""
    with written_whole(target) as file, ZipFile(file, "w", ZIP_STORED) as archive:
        for name in sorted(contents):
            entry = ZipInfo(name, BEGIN)
            entry.create_system, entry.external_attr = 3, (stat.S_IFREG | 0o644) << 16
            entry.file_size = _size(contents[name])
            with _opened(contents[name]) as source, archive.open(entry, "w") as place:
                shutil.copyfileobj(source, place, CHUNK)
