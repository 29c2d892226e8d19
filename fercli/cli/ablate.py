"""`fercli ablate`: run what is missing of a published table, and print measured numbers beside published ones."""

import shlex
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fercli.cli.arguments import ConfigDirs, Json, Overrides
from fercli.cli.suggestions import studies

if TYPE_CHECKING:
    from fercli.launch.launcher import Launcher
    from fercli.studies.grid import Plan
    from fercli.studies.request import Request


def ablate(
    study: Annotated[
        str | None, typer.Argument(help="Name, such as dda_dacl/table_3_1.", show_default=False, autocompletion=studies)
    ] = None,
    overrides: Overrides = None,
    all_studies: Annotated[
        bool, typer.Option("--all", help="Every study whose data is prepared; lists why others cannot run.")
    ] = False,
    seeds: Annotated[
        str | None, typer.Option(help="Instead of the study's: 0..4 or 0,1,2.", show_default=False)
    ] = None,
    budget: Annotated[str, typer.Option(help="Length of the trainings: full, smoke, or another of `budget`.")] = "full",
    data: Annotated[
        str | None, typer.Option(help="Run on this data set instead of the study's.", show_default=False)
    ] = None,
    jobs: Annotated[
        int | None,
        typer.Option(min=1, help="Most trainings at a time; else as many as fit.", show_default=False),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the plan; run nothing.")] = False,
    time: Annotated[
        bool, typer.Option("--time", help="With --dry-run: time some steps of each training, about 30 s each.")
    ] = False,
    explain: Annotated[
        tuple[str, str] | None,
        typer.Option(metavar="ROW COLUMN", help="Trace a number of the table to its runs.", show_default=False),
    ] = None,
    status: Annotated[bool, typer.Option("--status", help="Print how far each training has come.")] = False,
    watch: Annotated[bool, typer.Option("--watch", help="With --status: follow it until all has ended.")] = False,
    every: Annotated[float, typer.Option(min=1, help="With --watch: seconds between two looks.")] = 10,
    collect: Annotated[bool, typer.Option("--collect", help="Print the tables of what has finished.")] = False,
    cancel: Annotated[bool, typer.Option("--cancel", help="End what was submitted to SLURM.")] = False,
    search: Annotated[
        bool, typer.Option("--search", help="Search the options of one row on validation; report fresh seeds.")
    ] = False,
    row: Annotated[
        str | None, typer.Option(help="With --search: label of the row; else the only one.", show_default=False)
    ] = None,
    trials: Annotated[
        int | None, typer.Option(help="With --search: number of trials, with earlier ones.", show_default=False)
    ] = None,
    hours: Annotated[
        float | None, typer.Option(help="With --search: begin no trial after so many hours.", show_default=False)
    ] = None,
    config_dir: ConfigDirs = None,
    json: Json = False,
) -> None:
    """Reproduce a published table, or run a study of your own.

    Measured numbers stand beside published ones.

    Runs the missing trainings, and gives a verdict for each claim of the source.

    stores=, store= and runs= are the folders of the data and the runs. launcher= says where trainings run: local, slurm
    (returns at once), script, pbs or lsf. Any other KEY=VALUE goes to every training.

    fercli ablate dda_dacl/table_3_1 --seeds 0..4 store=stores/wmnist launcher=slurm launcher.partition=gpu
    """
    from fercli.cli import launchers
    from fercli.cli.cells import print_failed, print_index, print_plan, print_without_result
    from fercli.cli.explain import print_explanation
    from fercli.errors import ConfigError
    from fercli.studies.study import study_names

    words = [*([study] if study else []), *(overrides or [])]
    names = [word for word in words[:1] if "=" not in word]
    if all_studies == bool(names):
        raise ConfigError("expected the name of one study, or --all; `fercli list studies` shows them")
    if dry_run + bool(explain) + status + collect + cancel > 1:
        raise ConfigError("expected at most one of --dry-run, --explain, --status, --collect and --cancel")
    if (time and not dry_run) or (explain and all_studies):
        raise ConfigError("expected --time together with --dry-run, and --explain with one study")
    if watch and (not status or all_studies or json):
        raise ConfigError("expected --watch together with --status, for one study, without --json")
    if (row or trials is not None or hours is not None) and not search:
        raise ConfigError("expected --row, --trials and --hours together with --search")
    if search and (all_studies or explain or status or collect or cancel or time):
        raise ConfigError("expected --search for one study, alone or with --dry-run")
    request, launcher, silent = _request(words[len(names) :], seeds, budget, data, config_dir or [])
    if search:
        from fercli.cli.search import plan_and_search

        launchers_of = None if dry_run else (silent, launcher)
        left = plan_and_search(names[0], request, row, trials, hours, launchers_of, jobs, json)
        print_failed(left)
        raise typer.Exit(1 if left else 0)
    failed: list[Any] = []
    lacking: dict[str, str] = {}
    broken: dict[str, str] = {}
    for plan in _plans(
        study_names(request.config_dirs) if all_studies else names, request, lacking if all_studies else None
    ):
        with _going_on(plan.study.name, broken) if all_studies else nullcontext():
            if dry_run:
                print_plan(plan, launcher.outline(plan, jobs), json, time, brief=all_studies)
            elif explain:
                print_explanation(plan, *explain, json)
            elif status:
                failed += launchers.watch(plan, every) if watch else launchers.status(plan, json)
            elif collect:
                failed += launchers.collect(plan, json)
            elif cancel:
                launchers.cancel(plan, json)
            else:
                failed += launchers.run(plan, launcher, jobs, _command(plan), json)
    print_failed(failed)
    print_without_result("not run", lacking)
    print_without_result("stopped", broken)
    if all_studies and not (dry_run or status or cancel):
        print_index(request.runs, lacking | broken, json)
    if failed or broken:
        raise typer.Exit(1)


@contextmanager
def _going_on(study: str, broken: dict[str, str]) -> "Iterator[None]":
    """Keep an error of one study in `broken`, so that it does not stop the others. A fault of fercli is printed whole.

    A full disk, and other errors of the operating system, stop all.
    """
    from fercli.errors import FercliError
    from fercli.own_code import naming_own_code

    try:
        with naming_own_code():
            yield
    except FercliError as error:
        broken[study] = str(error).splitlines()[0]
    except OSError:
        raise
    except Exception as error:
        traceback.print_exc()
        broken[study] = f"{type(error).__name__}: {error}; the traceback is above"


def _request(
    words: list[str], seeds: str | None, budget: str, data: str | None, config_dirs: list[Path]
) -> "tuple[Request, Launcher, Launcher]":
    """Return the request for a study, the launcher, and the same launcher without `notify`."""
    from fercli.catalog import top_level_keys
    from fercli.config import compose, instantiate, plain
    from fercli.studies.request import Request
    from fercli.studies.study import parse_seeds

    own = ("launcher", *top_level_keys("ablate"))
    places = [word for word in words if word.lstrip("+").partition("=")[0].partition(".")[0] in own]
    options = compose("ablate", places, config_dirs)
    request = Request(
        runs=Path(options.runs),
        stores=Path(options.stores),
        store=Path(options.store) if options.store else None,
        seeds=parse_seeds(seeds) if seeds else None,
        data=data,
        budget=budget,
        overrides=tuple(word for word in words if word not in places),
        config_dirs=tuple(config_dirs),
    )
    silent = {key: value for key, value in plain(options.launcher).items() if key != "notify"}
    return request, instantiate(options.launcher), instantiate(silent)


def _command(plan: "Plan") -> str:
    """Return the command for the same plan, without options such as --dry-run that say what to do with it."""
    from fercli.studies.request import Request

    request, usual = plan.request, Request()
    words = ["fercli", "ablate", plan.study.name]
    words += ["--seeds", ",".join(map(str, request.seeds))] if request.seeds else []
    words += ["--budget", request.budget] if request.budget != usual.budget else []
    words += ["--data", request.data] if request.data else []
    words += [word for folder in request.config_dirs for word in ("--config-dir", str(folder))]
    for name in ("runs", "stores", "store"):
        if (place := getattr(request, name)) != getattr(usual, name):
            words.append(f"{name}={place}")
    return shlex.join([*words, *request.overrides])


def _plans(names: list[str], request: "Request", lacking: "dict[str, str] | None") -> "Iterator[Plan]":
    """Yield the plan of each study; the reason why a study cannot run goes into `lacking`.

    Raises:
        FercliError: a study cannot run, and `lacking` is None.
    """
    from fercli.errors import ConfigError, DataError
    from fercli.studies.grid import plan
    from fercli.studies.study import load_study

    for name in names:
        try:
            planned = plan(load_study(name, request.config_dirs), request)
        except (ConfigError, DataError) as error:
            if lacking is None:
                raise
            lacking[name] = str(error).splitlines()[0]
        else:
            yield planned
