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

import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from fercli.datasets import further
from fercli.datasets.shards import ShardInfo, finish_store, finished_shard, write_shard
from fercli.errors import DataError, printable
from fercli.files import remove_parts
from fercli.preprocess.claim import FILE as PLAN_FILE
from fercli.preprocess.claim import claim
from fercli.preprocess.description import description, options_of, protocol_of
from fercli.preprocess.files import repeated_images
from fercli.preprocess.job import Job, Progress
from fercli.preprocess.locks import lock, writing
from fercli.preprocess.notes import notes
from fercli.preprocess.oddities import oddities
from fercli.preprocess.plan import StorePlan, make_plan, parts
from fercli.preprocess.remedies import remedies
from fercli.preprocess.steps import examples
from fercli.preprocess.summary import Summary, by_reason, count_kept
from fercli.preprocess.understood import understood
from fercli.preprocess.workers import map_parts
from fercli.records import Record, Reject

PART_ROWS = 64  # rows that a process gets at a time: few, so that a data set of one shard keeps all processes busy


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
    rule = str(protocol_of(job, plan).get("split_rule", ""))
    return replace(summary, understood=understood(job.reader, job.work.source, kept, sizes, job.scale, rule))


def preprocess(job: Job, store: Path) -> Summary:
    """Write a store, finish a store that was begun with the same options, or verify a finished store.

    Raises:
        DataError: the raw data cannot be read, the folder cannot be written or holds another store, another process
            is writing it, or no row is kept.
    """
    plan = _plan(job)
    with writing(store), lock(store / ".lock"):
        claim(store, plan, options_of(job, plan))
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
            claim(store, plan, options_of(job, plan))
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
    pairs = finish_store(store, description(job, plan, infos, summary, kept), summary.rejects, columns)
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
