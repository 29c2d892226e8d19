"""`fercli ablate`: a published table, its missing cells run, measured beside published."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fercli.cli.arguments import ConfigDirs, Json, Overrides

if TYPE_CHECKING:
    from fercli.studies.grid import Plan, Request
    from fercli.studies.launch import Finished


def ablate(
    study: Annotated[str | None, typer.Argument(help="Such as dda_dacl/table_3_1.", show_default=False)] = None,
    overrides: Overrides = None,
    all_studies: Annotated[
        bool, typer.Option("--all", help="Every study whose data is prepared; what the others lack is listed.")
    ] = False,
    seeds: Annotated[
        str | None, typer.Option(help="Instead of the study's: 0..4 or 0,1,2.", show_default=False)
    ] = None,
    budget: Annotated[str, typer.Option(help="Length of the trainings: full, smoke, or another of `budget`.")] = "full",
    data: Annotated[
        str | None, typer.Option(help="Run on this data set instead of the study's.", show_default=False)
    ] = None,
    jobs: Annotated[int, typer.Option(min=1, help="Number of trainings at a time.")] = 1,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the plan; run nothing.")] = False,
    config_dir: ConfigDirs = None,
    json: Json = False,
) -> None:
    """Reproduce a published table, measured beside published.

    Runs the trainings that are missing, and gives a verdict for each claim of the source.

    stores=, store= and runs= say where things lie; any other KEY=VALUE goes to every training.

    fercli ablate dda_dacl/table_3_1 --seeds 0..4 store=stores/wmnist
    """
    from fercli.catalog import choices
    from fercli.cli.cells import print_left_over, print_plan
    from fercli.errors import ConfigError

    words = [*([study] if study else []), *(overrides or [])]
    names = [word for word in words[:1] if "=" not in word]
    if all_studies == bool(names):
        raise ConfigError("expected the name of one study, or --all; `fercli list studies` shows them")
    request = _request(words[len(names) :], seeds, budget, data, config_dir or [])
    plans, lacking = _plans(choices("study") if all_studies else names, request, lenient=all_studies)
    failed = []
    for plan in plans:
        if dry_run:
            print_plan(plan, json)
        else:
            failed += _run(plan, jobs, json)
    print_left_over(failed, lacking)
    if failed:
        raise typer.Exit(1)


def _request(words: list[str], seeds: str | None, budget: str, data: str | None, config_dirs: list[Path]) -> "Request":
    from fercli.config import compose, top_level_keys
    from fercli.studies.grid import Request
    from fercli.studies.study import parse_seeds

    places = [word for word in words if word.partition("=")[0] in top_level_keys("ablate")]
    options = compose("ablate", places)
    return Request(
        runs=Path(options.runs),
        stores=Path(options.stores),
        store=Path(options.store) if options.store else None,
        seeds=parse_seeds(seeds) if seeds else None,
        data=data,
        budget=budget,
        overrides=tuple(word for word in words if word not in places),
        config_dirs=tuple(config_dirs),
    )


def _plans(names: list[str], request: "Request", lenient: bool) -> "tuple[list[Plan], dict[str, str]]":
    """The plans, and with `lenient` what keeps the other studies from running."""
    from fercli.errors import ConfigError, DataError
    from fercli.studies.grid import plan
    from fercli.studies.study import load_study

    plans, lacking = [], {}
    for name in names:
        try:
            plans.append(plan(load_study(name, request.config_dirs), request))
        except (ConfigError, DataError) as error:
            if not lenient:
                raise
            lacking[name] = str(error).splitlines()[0]
    return plans, lacking


def _run(plan: "Plan", jobs: int, json: bool) -> "list[Finished]":
    """Run what is missing, print the tables; the cells that failed."""
    from fercli.cli.cells import CellProgress, print_results
    from fercli.studies.aggregate import read_results
    from fercli.studies.launch import launch
    from fercli.studies.report import write_report

    progress = CellProgress(plan)
    finished = launch(plan.missing, jobs, progress.started, progress.ended)
    results = read_results(plan)
    print_results(results, write_report(results), json)
    return [cell for cell in finished if cell.failed]
