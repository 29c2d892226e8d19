"""The figures and the page of one judged run."""

from pathlib import Path
from typing import Any

from fercli.experiment.evaluation import Judged
from fercli.experiment.pictures import classified, draw_pictures
from fercli.protocol import fields_in_words
from fercli.reports.figure import save_figure
from fercli.reports.html import write_run_report
from fercli.reports.published import reconstruction
from fercli.reports.tables import metrics_table, per_class_table
from fercli.runs.folder import RunFolder
from fercli.runs.provenance import hardware_in_words, read_provenance
from fercli.runs.recorded import recorded_protocol


def write_report(run: RunFolder, judged: Judged, embedding: str = "tsne") -> Path:
    """Draw the figures of an evaluation into `figures/`, and `report.html` with all of them inside; give its path.

    They lie where the evaluation lies; in the run folder itself where a run was judged again on its own rows, and then
    the page has the numbers that were recorded, as tables have.

    Args:
        embedding: how features of more than two dimensions are drawn: `tsne` or `umap`.
    """
    evaluation = judged.evaluation
    target, result = (judged.folder, judged.result) if judged.recorded is None else (run.path, judged.recorded)
    rows = classified(evaluation.columns)
    pictures = draw_pictures(run, judged, embedding)
    for name, _, figure in pictures:
        save_figure(figure, target / "figures" / f"{name}.png")
    page = target / "report.html"
    write_run_report(
        page,
        title=", ".join(_title(result)),
        facts=_facts(run, result),
        metrics=metrics_table(result["metrics"], constants=result.get("constant_predictor")),
        per_class=None if rows is None else per_class_table(rows.matrix, evaluation.classes),
        figures=[(caption, figure) for _, caption, figure in pictures],
        notes=_notes(result),
    )
    return page


def _title(result: dict[str, Any]) -> list[str]:
    classifier = [result["classifier"]["name"]] if "classifier" in result else []
    return [f"{result['method']} on {result['data']['name']}", *classifier, f"seed {result['seed']}"]


def _facts(run: RunFolder, result: dict[str, Any]) -> dict[str, str]:
    protocol, training = recorded_protocol(result), result["protocol"]
    origin = read_provenance(run.path)
    parts = origin.get("parts") or [origin]
    commits = dict.fromkeys([*(part.get("git") for part in parts), result["commit"]])
    facts = {
        "judged on": f"{result['num_rows']:,} samples of {result['data']['name']}",
        "trained on": f"{training['num_train_rows']:,} samples",
        "network": f"{result['backbone']}, {training['size']} pixels",
        "budget": training["budget"],
        **fields_in_words(protocol),
        "run": run.run_id,
        "commit": ", then ".join(map(str, commits)),
        "data fingerprint": result["data"]["fingerprint"][:16],
        "hardware": ", then ".join(dict.fromkeys(map(hardware_in_words, parts))),
        "command": origin.get("command", "unknown"),
    }
    return facts | ({"classifier": result["classifier"]["about"]} if "classifier" in result else {})


def _notes(result: dict[str, Any]) -> list[str]:
    notes = ["One seed: the intervals are over samples, not over trainings.", *reconstruction(result["method"])]
    if recorded_protocol(result).selection == "reported split":
        notes.append("The epoch was chosen on the samples that the numbers are reported on.")
    if result["protocol"]["budget"] != "full":
        notes.append(
            f"Budget '{result['protocol']['budget']}': a shortened training, not to be compared with published numbers."
        )
    if attention := result.get("attention"):
        notes.append(
            f"Attention weights: {attention['mean']:.3f} on average, {attention['min']:.3f} to {attention['max']:.3f}; "
            f"cosine of two vectors of a class minus that of two classes: {attention['cosine_difference']:.3f}."
        )
    return notes
