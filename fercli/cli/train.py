"""`fercli train`: one training, started or continued."""

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from fercli.cli.arguments import ConfigDirs, Json, Overrides, ShowConfig

if TYPE_CHECKING:
    from fercli.config import Config
    from fercli.runs.folder import RunFolder


def train(
    overrides: Overrides = None,
    resume: Annotated[
        Literal["auto", "never"], typer.Option(help="Continue an unfinished run (auto), or start it again (never).")
    ] = "auto",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check everything and print the plan; train nothing.")
    ] = False,
    cfg: ShowConfig = False,
    config_dir: ConfigDirs = None,
    epochs: Annotated[
        int | None,
        typer.Option(min=1, help="With init=<run>: so many epochs more, with its options.", show_default=False),
    ] = None,
    find_lr: Annotated[
        bool,
        typer.Option("--find-lr", help="Raise the learning rate over 100 steps, and print the range to choose from."),
    ] = False,
    json: Json = False,
) -> None:
    """Train one method on a prepared data set, and evaluate it.

    fercli train method=dda store=stores/ferplus backbone=resnet18 seed=0

    fercli train init=runs/dda_ferplus_resnet18_1a2b3c4d5e/seed0 --epochs 10
    """
    from fercli.cli.store_data import named_by_store
    from fercli.config import compose, require, text

    if epochs is not None:
        from fercli.runs.continuation import more_epochs

        overrides = more_epochs(overrides or [], epochs)
    given = named_by_store(overrides or [], config_dir or [])
    config = compose("train", given, config_dir or [])
    if cfg:
        print(text(config), end="")
        return
    require(config, "store")
    _note_scores(config)
    if dry_run:
        _print_plan(config)
        return
    if find_lr:
        from fercli.cli.rate_range import find_rate

        find_rate(config, json)
        return
    from pytorch_lightning.utilities.rank_zero import rank_zero_only

    from fercli.cli.bars import Counted
    from fercli.cli.progress import TrainingProgress, quiet_libraries
    from fercli.engine.training import train as run_training

    quiet_libraries()
    with Counted("evaluating", "samples") as evaluating:
        callbacks = [TrainingProgress(config)]
        run = run_training(config, given, callbacks, resume == "auto", evaluating, config_dir or [])
    rank_zero_only(_print_result)(
        run, json, config.selection.get("meter", False)
    )  # others may end before it is written
    if (profiler := config.trainer.profiler) is not None:
        rank_zero_only(_say_reports)(run, profiler)


def _note_scores(config: "Config") -> None:
    """Say how many rows lack the chosen one of several questionnaires."""
    import sys

    import numpy as np

    from fercli.engine.questionnaires import store_of

    store = store_of(config)
    lacking = 0 if store.score is None else int(np.isnan(store.column("score")).sum())
    if lacking:
        print(f"note: rows without {store.score}, left out: {lacking:,} of {len(store):,}", file=sys.stderr)


def _print_plan(config: "Config") -> None:
    import math
    import re
    from dataclasses import asdict

    from fercli.cli.printing import tell
    from fercli.cli.progress import quiet_libraries
    from fercli.config import unresolved
    from fercli.datasets.near_together import near_together
    from fercli.engine.build import build_data, build_method
    from fercli.engine.identity import data_fingerprint
    from fercli.engine.lineage import start_of
    from fercli.engine.questionnaires import store_of
    from fercli.engine.training import build_trainer
    from fercli.runs.folder import RunFolder
    from fercli.tables.noise import noise_in_words
    from fercli.tables.twins import together_in_words
    from fercli.trackers.loggers import loggers_of

    quiet_libraries()
    store = store_of(config)
    data = build_data(config, store)
    method, sizes = build_method(config, data)
    run = RunFolder.of(config.runs, unresolved(config), data_fingerprint(config, store))
    with loggers_of(config, run) as loggers:  # a missing package, a missing GPU: refused before the training
        build_trainer(config, run, [], loggers)
    state = "finished" if run.finished else "to be continued" if run.last.is_file() else "new"
    split, weights = data.split, sum(p.numel() for p in method.parameters())
    tell(f"run         {run.path} ({state})")
    tell(f"method      {config.choices.method}: {', '.join(method.objective.terms)}; seed {config.seed}")
    tell(f"network     {config.choices.backbone}, {weights:,} weights")
    if (start := start_of(config.get("init"), method, store.classes)) is not None:
        tell(f"init        {start.words}")
    labels = ", ".join(store.classes) or f"points of the {store.scale.name}"
    tell(f"data        {store.name}: {labels}")
    evaluation = re.sub(r"(\d+)$", r" \1", split.evaluation_name)  # `fold 2` for `fold2`
    tell(f"rows        {len(split.train):,} train, {len(split.validation):,} validation, "
          f"{len(split.evaluation):,} {evaluation} (selection: {config.choices.selection})")  # fmt: skip
    if config.twins == "near":
        print(f"twins       {together_in_words(asdict(near_together(store)))}")
    if data.noise is not None:
        tell(f"noise       {noise_in_words(data.noise.facts(store))}")
    epochs = f"{math.ceil(sizes.num_epochs)} epochs of batches of {config.trainer.batch_size}"
    tell(f"steps       {sizes.num_steps:,} in {epochs}")


def _print_result(run: "RunFolder", as_json: bool, metered: bool) -> None:
    import json

    from fercli.cli.printing import say

    result = run.read_metrics()
    if metered and "meter" not in result:
        say("note: this run was trained before, without selection.meter=true; to have the meter, train it again in "
              "another folder: runs=")  # fmt: skip
    if as_json:
        print(json.dumps({"run": str(run.path)} | result))
        return
    from fercli.cli.console import Console
    from fercli.cli.results import result_tables

    Console().print(result_tables(result))
    print(run.path)


def _say_reports(run: "RunFolder", profiler: str) -> None:
    from fercli.cli.printing import say
    from fercli.engine.profiler import reports

    written = reports(profiler, run)
    for report in written:
        say(f"profile: {report}")
    if not written:
        say(f"note: this run was trained before, without trainer.profiler={profiler}; to profile the training, run it "
              "again in another folder: runs=")  # fmt: skip
