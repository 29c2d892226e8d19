"""Check the files of a folder against its checksums, and say whether a changed file can still be read."""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from fercli import checksums
from fercli.engine.weights import require_sound_checkpoint
from fercli.errors import FercliError, RunError, reading
from fercli.plain_yaml import read_yaml
from fercli.studies.finding import Finding, Rules


def check_files(folder: Path, last: str, rules: Rules) -> Iterator[Finding]:
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
