"""The figures and the page of one evaluated run."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from fercli.engine.evaluation import EvaluatedRun
from fercli.engine.predict import Progress
from fercli.figures.classified import classified
from fercli.figures.figure import NamedFigure, save_figure
from fercli.figures.run import SECTIONS, figures_of_run
from fercli.files import write_text
from fercli.pages.html import write_page
from fercli.pages.parts import Command, Facts, Figures, Section, Tiles
from fercli.pages.screening import screening_parts, write_screening
from fercli.printed_protocol import fields_in_words
from fercli.published.caveats import caveats
from fercli.runs.folder import RunFolder
from fercli.runs.hardware import hardware_in_words
from fercli.runs.lineage import recorded_parent
from fercli.runs.provenance import read_provenance
from fercli.runs.recorded import recorded_protocol
from fercli.tables.classes import in_common_in_words
from fercli.tables.groups import group_tables, groups_csv
from fercli.tables.layout import number
from fercli.tables.meter import meter_table
from fercli.tables.noise import noise_table
from fercli.tables.per_class import per_class_table
from fercli.tables.run import intervals_in_words, metrics_table, not_computed_in_words
from fercli.tables.table import Cell, Column, Table
from fercli.tables.votes import entropy_table, share_cell


def write_report(
    evaluated: EvaluatedRun, embedding: str = "tsne", progress: Progress = lambda done, total: None
) -> Path:
    """Write the figures of an evaluation into `figures/`, and `report.html` with all of them; return the page's path.

    They go into the folder of the evaluation. If a run was evaluated again on its own rows, this is the run folder, and
    the page shows the recorded numbers, as tables do.

    Args:
        embedding: how features of more than two dimensions are drawn: `tsne` or `umap`.
        progress: is told of each kind of figure that is drawn.
    """
    target, result = (
        (evaluated.folder, evaluated.result) if evaluated.recorded is None else (evaluated.run.path, evaluated.recorded)
    )
    figures = list(figures_of_run(evaluated, embedding, progress))
    for _, drawn in figures:
        save_figure(drawn.figure, target / "figures" / f"{drawn.name}.png")
    if "groups" in evaluated.result:
        write_text(target / "groups.csv", groups_csv(evaluated.result))
    page, title = target / "report.html", ", ".join(_title(result))
    of_screening = [drawn for section, drawn in figures if section == "Screening"]
    beside = write_screening(evaluated, title, target, of_screening)
    write_page(page, title, list(_sections(evaluated, result, figures, beside)), caveats(result))
    return page


def _sections(
    evaluated: EvaluatedRun,
    result: dict[str, Any],
    figures: Sequence[tuple[str, NamedFigure]],
    beside: Sequence[Path],
) -> Iterator[Section]:
    run, evaluation = evaluated.run, evaluated.evaluation
    metrics = metrics_table(
        result["metrics"],
        constants=result.get("constant_predictor"),
        without_twins=result.get("without_twins"),
        on_all=evaluated.on_all,
    )
    rows = classified(evaluation.columns)
    per_class = [] if rows is None else [per_class_table(rows.columns, evaluation.classes)]
    others = [table for table in (meter_table(result), entropy_table(result)) if table is not None]
    said = [*intervals_in_words(result["metrics"]), *not_computed_in_words(result)]
    tiles = _tiles(metrics, said, result.get("votes"))
    yield Section("Result", [tiles, *others, *per_class])
    noise = noise_table(result)
    yield Section("Protocol", [Facts(_protocol(result)), *([] if noise is None else [noise])])
    divided = evaluated.result if "groups" in evaluated.result else result
    tables: dict[str, list[Any]] = {
        "Groups": group_tables(divided),
        "Screening": screening_parts(evaluated.result, beside),
    }
    for title in SECTIONS:
        drawn = Figures([drawn for section, drawn in figures if section == title])
        yield Section(title, [*tables.get(title, []), drawn])
    origin = read_provenance(run.path)
    yield Section("Provenance", [Facts(_provenance(run, result, origin))])
    yield Section("Command", [Command(origin["command"])] if "command" in origin else [])


def _tiles(metrics: Table, said: Sequence[str], votes: dict[str, Any] | None) -> Tiles:
    """Return a tile for each number, with its interval; the agreement of the annotators comes last.

    Args:
        said: what the intervals are over, and which metrics have no value.
    """
    (column,) = metrics.columns
    numbers = [
        (f"{row.label} {block.title}".strip(), *_tile(row.cells[column.key], column))
        for block in metrics.blocks
        for row in block.rows
    ]
    if votes is not None:
        numbers.append(("annotators' ceiling (%)", *_tile(share_cell(votes["agreement"]), column)))
    return Tiles(numbers, " ".join(said))


def _tile(cell: Cell, column: Column) -> tuple[str, str]:
    """Return the number of a cell and its interval as text."""
    decimals = column.decimals if cell.decimals is None else cell.decimals
    value, low, high = (None if end is None else number(end, decimals) for end in (cell.value, cell.low, cell.high))
    return value or cell.text, "" if low is None or high is None else f"{low} to {high}"


def _title(result: dict[str, Any]) -> list[str]:
    classifier = [result["classifier"]["name"]] if "classifier" in result else []
    return [f"{result['method']} on {result['data']['name']}", *classifier, f"seed {result['seed']}"]


def _protocol(result: dict[str, Any]) -> dict[str, str]:
    facts = {
        "evaluated on": f"{result['num_rows']:,} samples of {result['data']['name']}",
        **dict(zip(["classes in common"], in_common_in_words(result), strict=False)),
        **_of_training(result),
        **fields_in_words(recorded_protocol(result)),
    }
    return facts | ({"classifier": result["classifier"]["about"]} if "classifier" in result else {})


def _provenance(run: RunFolder, result: dict[str, Any], origin: dict[str, Any]) -> dict[str, str]:
    parts = origin.get("parts") or [origin]
    commits = dict.fromkeys([*(part.get("git") for part in parts), result["commit"]])
    facts = {
        "run": run.run_id,
        "commit": ", then ".join(map(str, commits)),
        "data fingerprint": result["data"]["fingerprint"][:16],
        "hardware": ", then ".join(dict.fromkeys(map(hardware_in_words, parts))),
    }
    if (parent := recorded_parent(run)) is not None:
        facts["started from"] = parent.words
    return facts


def _of_training(result: dict[str, Any]) -> dict[str, str]:
    """Return the facts about the training; of predictions of others, what file they come from and what it lacks."""
    training = result["protocol"]
    if "external" not in result:
        return {
            "trained on": f"{training['num_train_rows']:,} samples",
            "network": f"{result['backbone']}, {training['size']} pixels",
            "budget": training["budget"],
        }
    about = result["external"]
    counts = ", ".join(f"{number:,} {reason}" for reason, number in about["left_out"].items() if number)
    return {
        "network": result["backbone"],
        "predictions": f"{about['file']}, {about['kind'] or 'numbers'}, SHA-256 {about['sha256'][:16]}",
        "left out": counts or "nothing",
    }
