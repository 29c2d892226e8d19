"""`fercli preprocess`: from a raw data set to a store."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fercli.cli.arguments import ConfigDirs, Json, Overrides, ShowConfig
from fercli.cli.printing import say, tell

if TYPE_CHECKING:
    from fercli.config import Config
    from fercli.launch.launcher import Launcher
    from fercli.preprocess.job import Job, Progress
    from fercli.preprocess.summary import Summary

# The options that decide the content of a store, besides the data set.
OPTIONS = ("detector", "crop", "no_face", "min_frames", "max_megapixels", "context", "encoding", "shard_rows")
NUM_PARTS = 8
EXAMPLE = "fercli preprocess data=ferplus raw=ferplus.zip store=stores/ferplus"


def preprocess(
    overrides: Overrides = None,
    check: Annotated[bool, typer.Option("--check", help="Read all labels and open all images; write nothing.")] = False,
    jobs: Annotated[
        int | None,
        typer.Option(
            min=1,
            help=f"With launcher=slurm or script: number of jobs that share the shards, {NUM_PARTS} by default.",
            show_default=False,
        ),
    ] = None,
    shards: Annotated[
        str | None, typer.Option(help="Write only this part of the shards, such as 2/8.", show_default=False)
    ] = None,
    cfg: ShowConfig = False,
    config_dir: ConfigDirs = None,
    json: Json = False,
) -> None:
    """Find, align and crop the faces of a raw data set.

    fercli preprocess data=ferplus raw=ferplus.zip store=stores/ferplus

    launcher=slurm hands it to a cluster and returns at once; launcher=script writes files for sbatch. crops=drawn makes
    a store for each crop of a list, in the folder of store=.
    """

    from fercli.config import compose, require, text
    from fercli.errors import ConfigError

    config = compose("preprocess", overrides or [], config_dir or [])
    if cfg:
        print(text(config), end="")
        return
    if not check:
        require(config, "store")
    if check and shards:
        raise ConfigError("expected --check or --shards, not both")
    part = _part(shards) if shards else None
    if config.get("crops") is not None:
        _each_crop(config, overrides or [], check, jobs, shards, config_dir, json)
        return
    if not check and not part and _hand_over(config, overrides or [], config_dir or [], jobs or NUM_PARTS, json):
        return
    if jobs is not None:
        raise ConfigError(
            f"--jobs={jobs} shares the shards among jobs of a cluster, but this command runs on this machine; "
            f"add launcher=slurm or launcher=script, or give num_workers={jobs} for {jobs} processes here"
        )
    from fercli.cli.accounts import account_json, account_table
    from fercli.cli.bars import bar
    from fercli.cli.console import Console
    from fercli.preprocess import pipeline

    notes = Console(stderr=True)
    shown = bar("images")
    task = shown.add_task("reading labels", total=None)

    def progress(done: int, total: int) -> None:
        if shown.tasks[0].total is None:  # count the rate from here, without what an earlier process finished
            shown.reset(task, total=total, completed=done, description="checking" if check else "preprocessing")
        shown.update(task, completed=done)

    job = _job(config, draw=not check and part is None, progress=progress)
    if part:
        with shown:
            num_written = pipeline.preprocess_part(job, Path(config.store), *part)
        tell(f"{config.store}: {num_written} shards written; complete when all parts and the plain command have run")
        return
    with shown:
        summary = pipeline.check(job) if check else pipeline.preprocess(job, Path(config.store))
    for note in summary.notes:
        notes.print(f"note: {note}")
    figure = None if check else _alignment_figure(job, summary, Path(config.store))
    if figure is not None:
        notes.print(f"figure: {figure}")
    if json:
        print(account_json(summary, None if check else config.store))
        return
    Console().print(account_table(config.data.name, summary))
    if check:
        tell("checked only: nothing was written, and no face was looked for")
        say(f"next:  {_next_command(overrides or [], config.data.name)}")
    else:
        print(f"{config.store}{'' if summary.num_written else ' was complete: verified, nothing written'}")


def _each_crop(
    config: "Config",
    overrides: list[str],
    check: bool,
    jobs: int | None,
    shards: str | None,
    config_dir: list[Path] | None,
    json: bool,
) -> None:
    """Prepare a store for each crop of the list."""
    from fercli.config import plain
    from fercli.errors import ConfigError
    from fercli.preprocess.crops import commands_of

    if check:
        raise ConfigError("expected --check without crops=, because crops differ after the labels are read")
    commands = commands_of(plain(config)["crops"], overrides, Path(config.store))
    for number, (name, words) in enumerate(commands.items(), 1):
        say(f"crop {number} of {len(commands)}: {name}")
        preprocess(words, check, jobs, shards, False, config_dir, json)


def _next_command(overrides: list[str], name: str) -> str:
    """Return the command that writes what was checked."""
    import shlex

    given = any(override.startswith("store=") for override in overrides)
    return shlex.join(["fercli", "preprocess", *overrides, *([] if given else [f"store=stores/{name}"])])


def _alignment_figure(job: "Job", summary: "Summary", store: Path) -> Path | None:
    """Draw how some faces were aligned and cropped, and return the path; None if all images came as ready crops.

    An existing figure is kept if nothing new was written to the store.
    """
    from fercli.figures.alignment import alignment_figure
    from fercli.figures.figure import save_figure
    from fercli.preprocess.steps import steps

    path = store / "figures" / "alignment.png"
    if not summary.num_written and path.is_file():
        return path
    found = steps(job.work, summary.examples)
    if not found:
        return None
    save_figure(alignment_figure(found), path)
    return path


def _hand_over(config: "Config", overrides: list[str], config_dirs: list[Path], jobs: int, json: bool) -> bool:
    """Hand the work over to the launcher; return False if it runs on this machine."""
    import json as json_module

    from fercli.config import instantiate

    def check() -> None:  # report wrong options now, not in a job
        _job(config, draw=True, progress=lambda done, total: None)

    launcher: Launcher = instantiate(config.launcher)
    words = [word for word in overrides if not word.lstrip("+").startswith(("launcher=", "launcher."))]
    words += [word for folder in config_dirs for word in ("--config-dir", str(folder))]
    store = Path(config.store)
    handed_over = launcher.hand_over_store(words, store, jobs, check)
    if handed_over is None:
        return False
    found = {"parts": handed_over.parts, "last": handed_over.last}
    print(json_module.dumps({"store": str(store)} | found) if json else "\n".join(found.values()))
    say(f"What next: {handed_over.next_step}\nTheir logs: {store / 'slurm'}")
    return True


def _part(text: str) -> tuple[int, int]:
    from fercli.errors import ConfigError

    part, _, num_parts = text.partition("/")
    if not (part.isdecimal() and num_parts.isdecimal() and 1 <= int(part) <= int(num_parts)):
        raise ConfigError(f"expected --shards such as 2/8; found {text}")
    return int(part), int(num_parts)


def _job(config: "Config", draw: bool, progress: "Progress") -> "Job":
    """Return the job of a configuration; with `draw`, a reader of synthetic data draws its missing raw data."""
    import os

    from fercli.config import instantiate, plain
    from fercli.datasets.source import Source
    from fercli.errors import ConfigError
    from fercli.preprocess.context import Context
    from fercli.preprocess.crop import Crop
    from fercli.preprocess.damage import Damage
    from fercli.preprocess.job import Job
    from fercli.preprocess.work import Work

    options = plain(config)
    reader = instantiate(config.data.reader)
    raw = Path(config.raw) if config.raw else None
    if hasattr(reader, "prepare"):
        if raw is None and config.store is not None:
            raw = Path(config.store).parent / f"raw-{config.data.name}"
        if raw is not None and draw:
            say(f"raw data: {raw}; missing data are drawn")
            reader.prepare(raw)
    if raw is None:
        raise ConfigError(f"no value for raw; add raw=<the folder, zip or file with the data set>, as in\n  {EXAMPLE}")
    size, channels = config.data.size, config.data.get("channels", 3)
    landmarks = None if config.landmarks is None else instantiate(config.landmarks)
    damage = Damage(**options["damage"])
    cores = len(os.sched_getaffinity(0))
    return Job(
        name=config.data.name,
        reader=reader,
        work=Work(
            Source(raw),
            instantiate(config.detector),
            Crop(size=size, **options["crop"]),
            channels,
            config.encoding,
            Context(**options["context"]),
            config.no_face,
            config.min_frames,
            landmarks,
            config.max_megapixels,
            damage,
        ),
        options={"reader": options["data"]["reader"], "size": size, "channels": channels}
        | {k: options[k] for k in OPTIONS}
        | damage.document
        | ({} if landmarks is None else {"landmarks": landmarks.facts}),
        protocol=options["data"].get("protocol", {}),
        groups=_groups(options["data"].get("groups")),
        scale=instantiate(config.scale),
        shard_rows=config.shard_rows,
        num_workers=cores if config.num_workers is None else config.num_workers,
        progress=progress,
    )


def _groups(named: object) -> tuple[str, ...] | None:
    """Return the option `data.groups`: columns by which evaluations are divided."""
    from fercli.errors import ConfigError

    if named is None:
        return None
    if not isinstance(named, list) or not all(isinstance(name, str) for name in named):
        raise ConfigError(f"expected data.groups as a list of columns, such as [gender,'age=18,30,50']; found {named}")
    return tuple(named)
