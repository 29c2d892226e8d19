"""The figures and the page of one evaluated run."""

from pathlib import Path
from typing import Any

from fercli.engine.evaluation import EvaluatedRun
from fercli.figures.figure import save_figure
from fercli.figures.run import figures_of_run
from fercli.figures.shown import classified
from fercli.pages.html import write_run_report
from fercli.protocol import fields_in_words
from fercli.published.caveats import caveats
from fercli.runs.folder import RunFolder
from fercli.runs.lineage import recorded_parent
from fercli.runs.provenance import hardware_in_words, read_provenance
from fercli.runs.recorded import recorded_protocol
from fercli.tables.run import metrics_table, per_class_table


def write_report(evaluated: EvaluatedRun, embedding: str = "tsne") -> Path:
    """Write the figures of an evaluation into `figures/`, and `report.html` with all of them; return the page's path.

    They go into the folder of the evaluation. If a run was evaluated again on its own rows, this is the run folder, and
    the page shows the recorded numbers, as tables do.

    Args:
        embedding: how features of more than two dimensions are drawn: `tsne` or `umap`.
    """
    run, evaluation = evaluated.run, evaluated.evaluation
    target, result = (
        (evaluated.folder, evaluated.result) if evaluated.recorded is None else (run.path, evaluated.recorded)
    )
    rows = classified(evaluation.columns)
    figures = list(figures_of_run(evaluated, embedding))
    for drawn in figures:
        save_figure(drawn.figure, target / "figures" / f"{drawn.name}.png")
    page = target / "report.html"
    write_run_report(
        page,
        title=", ".join(_title(result)),
        facts=_facts(run, result),
        metrics=metrics_table(
            result["metrics"], constants=result.get("constant_predictor"), without_twins=result.get("without_twins")
        ),
        per_class=None if rows is None else per_class_table(rows.matrix, evaluation.classes),
        figures=figures,
        notes=caveats(result),
    )
    return page


def _title(result: dict[str, Any]) -> list[str]:
    classifier = [result["classifier"]["name"]] if "classifier" in result else []
    return [f"{result['method']} on {result['data']['name']}", *classifier, f"seed {result['seed']}"]


def _facts(run: RunFolder, result: dict[str, Any]) -> dict[str, str]:
    protocol = recorded_protocol(result)
    origin = read_provenance(run.path)
    parts = origin.get("parts") or [origin]
    commits = dict.fromkeys([*(part.get("git") for part in parts), result["commit"]])
    facts = {
        "evaluated on": f"{result['num_rows']:,} samples of {result['data']['name']}",
        **_of_training(result),
        **fields_in_words(protocol),
        "run": run.run_id,
        "commit": ", then ".join(map(str, commits)),
        "data fingerprint": result["data"]["fingerprint"][:16],
        "hardware": ", then ".join(dict.fromkeys(map(hardware_in_words, parts))),
        "command": origin.get("command", "unknown"),
    }
    if (parent := recorded_parent(run)) is not None:
        facts["started from"] = parent.words
    return facts | ({"classifier": result["classifier"]["about"]} if "classifier" in result else {})


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
        "predictions": f"{about['file']}, SHA-256 {about['sha256'][:16]}",
        "left out": counts or "nothing",
    }
