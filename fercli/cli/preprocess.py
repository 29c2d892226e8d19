"""`fercli preprocess`: from a raw data set to a store."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fercli.cli.arguments import ConfigDirs, Json, Overrides, ShowConfig

if TYPE_CHECKING:
    from fercli.config import Config
    from fercli.preprocess.pipeline import Job, Progress

OPTIONS = ("detector", "crop", "encoding", "shard_rows")  # what decides the content of a store, besides the data set
EXAMPLE = "fercli preprocess data=ferplus raw=ferplus.zip store=stores/ferplus"


def preprocess(
    overrides: Overrides = None,
    check: Annotated[bool, typer.Option("--check", help="Read all labels and open all images; write nothing.")] = False,
    cfg: ShowConfig = False,
    config_dir: ConfigDirs = None,
    json: Json = False,
) -> None:
    """Find, align and crop the faces of a raw data set.

    fercli preprocess data=ferplus raw=ferplus.zip store=stores/ferplus
    """
    from fercli.config import compose, require, text

    config = compose("preprocess", overrides or [], config_dir or [])
    if cfg:
        print(text(config), end="")
        return
    if not check:
        require(config, "store")
    from rich.console import Console

    from fercli.cli.accounts import account_json, account_table
    from fercli.cli.bars import bar
    from fercli.preprocess import pipeline

    notes = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)
    shown = bar("images")
    task = shown.add_task("reading labels", total=None)

    def progress(done: int, total: int) -> None:
        if shown.tasks[0].total is None:  # the rate counts from here, without what an earlier run finished
            shown.reset(task, total=total, completed=done, description="checking" if check else "preprocessing")
        shown.update(task, completed=done)

    job = _job(config, draw=not check, progress=progress)
    with shown:
        summary = pipeline.check(job) if check else pipeline.preprocess(job, Path(config.store))
    for note in summary.notes:
        notes.print(f"note: {note}")
    if json:
        print(account_json(summary, None if check else config.store))
        return
    Console().print(account_table(config.data.name, summary))
    if check:
        print("checked only: nothing was written, and no face was looked for")
    else:
        print(f"{config.store}{'' if summary.num_written else ' was complete: verified, nothing written'}")


def _job(config: "Config", draw: bool, progress: "Progress") -> "Job":
    """The job that a configuration describes; `draw` lets a reader draw its own raw data where they are missing."""
    import os
    import sys

    from fercli.config import instantiate, plain
    from fercli.datasets.source import Source
    from fercli.errors import ConfigError
    from fercli.preprocess.crop import Crop
    from fercli.preprocess.pipeline import Job
    from fercli.preprocess.work import Work

    options = plain(config)
    reader = instantiate(config.data.reader)
    raw = Path(config.raw) if config.raw else None
    if hasattr(reader, "prepare"):
        if raw is None and config.store is not None:
            raw = Path(config.store).parent / f"raw-{config.data.name}"
        if raw is not None and draw:
            print(f"raw data: {raw}, drawn where they are not there yet", file=sys.stderr)
            reader.prepare(raw)
    if raw is None:
        raise ConfigError(f"no value for raw; add raw=<the folder, zip or file with the data set>, as in\n  {EXAMPLE}")
    size, channels = config.data.size, config.data.get("channels", 3)
    cores = len(os.sched_getaffinity(0))
    return Job(
        name=config.data.name,
        reader=reader,
        work=Work(
            Source(raw), instantiate(config.detector), Crop(size=size, **options["crop"]), channels, config.encoding
        ),
        options={"reader": options["data"]["reader"], "size": size, "channels": channels}
        | {k: options[k] for k in OPTIONS},
        shard_rows=config.shard_rows,
        num_workers=cores if config.num_workers is None else config.num_workers,
        progress=progress,
    )
