"""From a raw data set to a store. If preprocessing is killed, the same command continues with the missing shards.

    plan.json                  options, fingerprint of the raw data, hash of all rows: written first
    shards/00000.arrow .json   each written completely or not at all
    rejects.parquet
    twins.parquet              pairs of rows with equal pixels
    columns.parquet            further columns of the raw data set, if it has some
    SHA256SUMS                 of all files
    dataset.json               written last: a folder with this file is a store
    figures/alignment.png      written by `fercli preprocess`: how some faces were aligned and cropped

Every file depends only on the raw data and the options, not on time, folder, or the number of processes.
"""

import hashlib
import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from fercli.datasets import further
from fercli.datasets.reader import Reader, SaysProtocol
from fercli.datasets.shards import ShardInfo, finish_store, finished_shard, write_shard
from fercli.errors import ConfigError, DataError, printable
from fercli.fields import SCHEMA_VERSION
from fercli.files import remove_parts
from fercli.preprocess.files import repeated_images
from fercli.preprocess.locks import lock, writing
from fercli.preprocess.oddities import oddities
from fercli.preprocess.plan import FILE as PLAN_FILE
from fercli.preprocess.plan import StorePlan, claim, make_plan, parts
from fercli.preprocess.remedies import remedies
from fercli.preprocess.steps import examples
from fercli.preprocess.summary import Summary, by_reason, count_kept, notes
from fercli.preprocess.understood import understood
from fercli.preprocess.work import Work
from fercli.preprocess.workers import map_parts
from fercli.records import Record, Reject
from fercli.scales import BDI_II, Scale

Progress = Callable[[int, int], None]
PART_ROWS = 64  # rows that a process gets at a time: few, so that a data set of one shard keeps all processes busy


@dataclass(frozen=True)
class Job:
    """The settings of one preprocessing.

    Attributes:
        name: short name of the data set, as in `data=<name>`.
        options: everything that decides the content of the store. They are recorded in the store, and compared when
            preprocessing continues.
        protocol: fields of the protocol in the data set's yaml; a value of None leaves the field to the reader.
        shard_rows: most rows of one shard. If preprocessing is killed, unfinished shards are lost. A video is never
            divided between shards, so a shard may have more rows.
        groups: columns by which every evaluation is divided, as `fercli eval --by` takes them; None names none.
        scale: of the severity scores; a score outside of its range is left out. It is recorded where rows have scores.
        num_workers: number of worker processes; 0 works in this process. The store is the same for any number.
        progress: function that gets the number of rows done and the number of all rows.

    Raises:
        ConfigError: `shard_rows` below 1, or `num_workers` below 0.
    """

    name: str
    reader: Reader
    work: Work
    options: dict[str, Any] = field(default_factory=dict)
    protocol: dict[str, Any] = field(default_factory=dict)
    groups: tuple[str, ...] | None = None
    scale: Scale = BDI_II
    shard_rows: int = 1024
    num_workers: int = 0
    progress: Progress = lambda done, total: None

    def __post_init__(self) -> None:
        for name, least in (("shard_rows", 1), ("num_workers", 0)):
            value = getattr(self, name)
            if not isinstance(value, int) or value < least:
                raise ConfigError(f"expected {name} as a whole number, at least {least}; found {value}")


def check(job: Job) -> Summary:
    """Read all labels and open all images; write nothing, and detect no faces.

    Raises:
        DataError: the raw data cannot be read, or no row is kept.
    """
    plan = make_plan(job.reader, job.work.source, job.scale)
    advance = _counter(job.progress, 0, len(plan.records))
    rejects: list[Reject] = []
    sizes = Counter[tuple[int, int]]()
    pieces = parts(plan.records, PART_ROWS)
    for part, (found, sizes_of_part) in zip(pieces, map_parts(job.work.check, pieces, job.num_workers), strict=True):
        rejects.extend(found)
        sizes += sizes_of_part
        advance(len(part))
    summary = _summary(job, plan, rejects)
    if not summary.num_rows:
        raise _nothing_kept(job, summary.rejects)
    left_out = {reject.id for reject in rejects}
    kept = [record for record in plan.records if record.id not in left_out]
    rule = str(_protocol(job, plan).get("split_rule", ""))
    return replace(summary, understood=understood(job.reader, job.work.source, kept, sizes, job.scale, rule))


def preprocess(job: Job, store: Path) -> Summary:
    """Write a store, finish a store that was begun with the same options, or verify a finished store.

    Raises:
        DataError: the raw data cannot be read, the folder cannot be written or holds another store, another process
            is writing it, or no row is kept.
    """
    plan = _plan(job)
    with writing(store), lock(store / ".lock"):
        claim(store, plan, _options(job, plan))
        return _complete(job, plan, store)


def preprocess_part(job: Job, store: Path, part: int, num_parts: int) -> int:
    """Write the missing shards among every `num_parts`-th shard; run `preprocess` when all parts have ended.

    Parts may run at the same time, on machines that share the folder and its locks, but not together with `preprocess`.

    Args:
        part: 1 to `num_parts`.

    Returns:
        The number of shards written.

    Raises:
        DataError: as in `preprocess`, but a part in which no row is kept is no error.
    """
    assert 1 <= part <= num_parts, (part, num_parts)
    plan = _plan(job)
    with writing(store), lock(store / ".lock", shared=True):
        with lock(store / ".plan.lock", wait=True):
            claim(store, plan, _options(job, plan))
        folder = store / "shards"
        folder.mkdir(exist_ok=True)
        mine = {index: unit for index, unit in enumerate(plan.units(job.shard_rows)) if index % num_parts == part - 1}
        missing = {index: unit for index, unit in mine.items() if not finished_shard(folder, index)}
        num_rows = {"all": sum(map(len, mine.values())), "missing": sum(map(len, missing.values()))}
        advance = _counter(job.progress, num_rows["all"] - num_rows["missing"], num_rows["all"])
        return len(dict(_write_shards(job, missing, folder, advance)))


def _plan(job: Job) -> StorePlan:
    plan = make_plan(job.reader, job.work.source, job.scale)
    if not plan.records:
        raise _nothing_kept(job, plan.rejects)
    return plan


def _complete(job: Job, plan: StorePlan, store: Path) -> Summary:
    folder = store / "shards"
    folder.mkdir(exist_ok=True)
    for place in (store, folder):
        remove_parts(place)
    units = dict(enumerate(plan.units(job.shard_rows)))
    shards = {index: info for index in units if (info := finished_shard(folder, index))}
    missing = {index: unit for index, unit in units.items() if index not in shards}
    if missing:
        (store / "dataset.json").unlink(missing_ok=True)
        num_done = sum(len(unit) for index, unit in units.items() if index in shards)
        shards.update(_write_shards(job, missing, folder, _counter(job.progress, num_done, len(plan.records))))
    infos = [shards[index] for index in units]
    rejects = [reject for info in infos for reject in info.rejects]
    summary = _summary(job, plan, rejects, sum(info.without_face for info in infos), num_written=len(missing))
    if not summary.num_rows:
        shutil.rmtree(folder)
        (store / PLAN_FILE).unlink()  # the next attempt will have other options or other raw data
        raise _nothing_kept(job, summary.rejects)
    left_out = {reject.id for reject in rejects}
    kept = [record for record in plan.records if record.id not in left_out]
    columns = further.encoded(kept)
    pairs = finish_store(store, _description(job, plan, infos, summary, kept), summary.rejects, columns)
    return replace(summary, repeats=repeated_images(pairs))


def _write_shards(
    job: Job, units: Mapping[int, Sequence[Record]], folder: Path, advance: Callable[[int], None]
) -> Iterator[tuple[int, ShardInfo]]:
    pieces = {index: parts(unit, PART_ROWS) for index, unit in units.items()}
    results = map_parts(job.work.process, [part for unit in pieces.values() for part in unit], job.num_workers)
    with closing(results):
        for index, unit in pieces.items():
            rows, rejects = [], []
            for part in unit:
                part_rows, part_rejects = next(results)
                rows += part_rows
                rejects += part_rejects
                advance(len(part))
            yield index, write_shard(folder, index, rows, rejects)


def _description(
    job: Job, plan: StorePlan, shards: list[ShardInfo], summary: Summary, kept: Sequence[Record]
) -> dict[str, Any]:
    info = job.reader.info
    scales = {name: scale.document() for name, scale in info.extra.get("questionnaires", {}).items()}
    content = [SCHEMA_VERSION, plan.classes, [shard.sha256 for shard in shards]]
    if scales:  # these scores lie beside the shards
        content.append([[record.id, *map(dict(record.more).get, scales)] for record in kept])
    return {
        "schema": SCHEMA_VERSION,
        "name": job.name,
        "title": info.title,
        "licence": info.licence,
        "classes": plan.classes,
        "image": {"size": job.work.crop.size, "channels": job.work.channels},
        "rows": summary.num_rows,
        "counts": summary.kept,
        "num_rejects": summary.reasons,
        "options": _options(job, plan),
        "protocol": _protocol(job, plan),
        **({} if job.groups is None else {"groups": list(job.groups)}),
        **({"questionnaires": scales} if scales else {}),
        **({"annotators": info.extra["annotators"]} if "annotators" in info.extra else {}),
        "shards": [{"file": shard.file, "rows": shard.rows, "sha256": shard.sha256} for shard in shards],
        "source": {"fingerprint": plan.source_fingerprint},
        "fercli": version("fercli"),
        "fingerprint": hashlib.sha256(json.dumps(content).encode()).hexdigest(),
    }


def _options(job: Job, plan: StorePlan) -> dict[str, Any]:
    """Return the options of the job, with the scale where rows have scores."""
    return job.options | ({"scale": job.scale.document()} if plan.has_scores else {})


def _protocol(job: Job, plan: StorePlan) -> dict[str, Any]:
    """Return the protocol fields of the reader, replaced by those of the yaml where it has them.

    The scale is part of the labels: numbers in points of two scales do not compare.
    """
    of_user = plan.has_scores and "scale" not in job.reader.info.extra
    found = {"labels": f"{job.scale.name} score"} if of_user else {}
    found |= job.reader.protocol(job.work.source) if isinstance(job.reader, SaysProtocol) else {}
    return found | {name: value for name, value in job.protocol.items() if value is not None}


def _summary(
    job: Job, plan: StorePlan, rejects: Sequence[Reject], without_face: int = 0, num_written: int = 0
) -> Summary:
    """Return the summary of a plan after these rejects of its images."""
    kept = count_kept(plan.records, rejects, plan.classes, job.reader.info.extra.get("questionnaires", ()))
    everything = (*plan.rejects, *rejects)
    told = notes(job.reader.info, kept, everything, plan.records, without_face)
    odd = oddities(job.work.source, kept, everything, plan.classes)
    shown = examples(plan.records, everything)
    mend = remedies(job.work.source, everything, job.scale)
    return Summary(kept, everything, (*told, *odd), num_written, plan.unread, examples=shown, remedies=mend)


def _counter(progress: Progress, done: int, total: int) -> Callable[[int], None]:
    """Return a function that adds to the number of rows done and reports it to `progress`."""
    progress(done, total)

    def advance(rows: int) -> None:
        nonlocal done
        done += rows
        progress(done, total)

    return advance


def _nothing_kept(job: Job, rejects: Sequence[Reject]) -> DataError:
    """Return the error with the most frequent reasons, each with its first example."""
    first = {reject.reason: reject.detail or reject.id for reject in reversed(rejects)}
    listed = ", ".join(f"{reason} ({n:,}, such as {printable(first[reason])[:200]})" for reason, n in _most(rejects))
    found = f"all were left out: {listed}" if listed else "found none"
    mend = remedies(job.work.source, rejects, job.scale)
    told = "".join(f".\n{reason}: {mend[reason]}" for reason, _ in _most(rejects) if reason in mend)
    return DataError(f"expected rows that can be kept in {job.work.source.path}; {found}{told}")


def _most(rejects: Sequence[Reject]) -> list[tuple[str, int]]:
    return list(by_reason(rejects).items())[:3]
