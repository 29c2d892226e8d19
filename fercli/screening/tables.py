"""The tables of a screening."""

from collections.abc import Mapping
from typing import Any

from fercli.screening.cutoff import ACTING
from fercli.tables.table import Block, Cell, Column, Row, Table

VALUE, CONSTANT = "value", "constant"
OF_SCORES = {
    "mae": "mean absolute error (points)",
    "bias": "bias: predicted minus true (points)",
    "lower": "lower limit of agreement (points)",
    "upper": "upper limit of agreement (points)",
    "slope": "calibration slope (ideal: 1)",
    "intercept": "calibration intercept (points, ideal: 0)",
}


def screening_tables(document: Mapping[str, Any]) -> list[Table]:
    """Return the tables: at each cut-off, of the scores, and of the score bands.

    Args:
        document: `screening` of a `metrics.json`.
    """
    cutoffs = [_cutoffs(document)] if document["cutoffs"] else []
    return [*cutoffs, _scores(document), _bands(document)]


def short_table(document: Mapping[str, Any]) -> Table | None:
    """Return the main numbers at each cut-off, a row each; None without cut-offs."""
    stated = document["stated_prevalence"]
    ending, where = ("", "here") if stated is None else ("_stated", f"at {100 * stated:g} %")
    columns = [
        Column("training", "prevalence in training", "%", decimals=1),
        Column("prevalence", "here", "%", decimals=1),
        Column("sensitivity", "sensitivity", "%", decimals=1),
        Column("specificity", "specificity", "%", decimals=1),
        Column("ppv", f"PPV {where}", "%", decimals=1),
        Column("npv", f"NPV {where}", "%", decimals=1),
        Column("auc", "area under ROC", decimals=3),
    ]
    rows = []
    for one in document["cutoffs"]:
        before = one["training_prevalence"]
        cells = {"training": Cell(None if before is None else 100 * before), "auc": _cell(one["auc"], 1, 3)}
        cells["prevalence"] = Cell(100 * one["prevalence"]["value"])
        cells |= {name: _cell(one[name], 100) for name in ("sensitivity", "specificity")}
        cells |= {name: _cell(one[f"{name}{ending}"], 100) for name in ("ppv", "npv")}
        rows.append(Row(f"{one['cutoff']:g} or more", cells))
    title = f"screening by the predicted {document['scale']} score, with 95 % intervals"
    notes = [about(document), "The constant predictor beside each number, curves and score bands: screening.html."]
    return Table(title, columns, [Block("", rows)], label="positive", notes=notes) if rows else None


def about(document: Mapping[str, Any]) -> str:
    """Return in one sentence what counts as one score."""
    frames = f"the {document['aggregation']} of the predictions for its rows"
    unit = "recording" if document["unit"] == "recording" else "sitting"
    merged = frames if unit == "recording" else f"the mean over its recordings; of a recording, {frames}"
    who = f"{document['num_people']:,} people" if document["has_subjects"] else "people are not known"
    return f"One score for each {unit}: {merged}. {document['num_sittings']:,} {unit}s, {who}."


def intervals_in_words(document: Mapping[str, Any]) -> list[str]:
    """Return what the intervals mean."""
    alone = "" if document["has_subjects"] else " Each recording counts as one person, because people are not known."
    return [
        f"Intervals are at 95 %; sittings of one person count as dependent.{alone} Shares have Wilson's interval; "
        "predictive values at another prevalence combine those of sensitivity and specificity; all others resample "
        "people.",
        "PPV, NPV: positive and negative predictive value, at a prevalence. Net benefit at 10 %: of acting on "
        'everybody with a probability of at least 10 %; acting on all is the strategy "treat all", and "treat none" '
        "has a net benefit of 0 (Vickers and Elkin 2006). Expected / observed: positives by the probabilities, and "
        "true ones.",
        "A dash: the number is not defined. Without brackets: the sample is too small for an interval.",
    ]


def _columns(document: Mapping[str, Any]) -> list[Column]:
    constant = document["training"]["constant"]
    words = "constant predictor" if constant is None else f"{constant:.1f} points for everybody"
    return [Column(VALUE, "value [95 % interval]", decimals=1), Column(CONSTANT, words, decimals=1)]


def _row(label: str, number: Mapping[str, Any], scale: float = 1.0, decimals: int = 1) -> Row:
    constant = number.get("constant")
    cells = {VALUE: _cell(number, scale, decimals)}
    if constant is not None:
        cells[CONSTANT] = Cell(scale * constant, decimals=decimals)
    return Row(label, cells)


def _cell(number: Mapping[str, Any], scale: float, decimals: int = 1) -> Cell:
    value, low, high = (None if number.get(end) is None else scale * number[end] for end in ("value", "low", "high"))
    return Cell(value, low=low, high=high, decimals=decimals)


def _cutoffs(document: Mapping[str, Any]) -> Table:
    stated = document["stated_prevalence"]
    blocks = []
    for one in document["cutoffs"]:
        positive, before = one["prevalence"], one["training_prevalence"]
        in_training = "not known" if before is None else f"{100 * before:.1f} %"
        rows = [_row("prevalence here (%)", positive, 100)]
        rows += [_row(f"{name} (%)", one[name], 100) for name in ("sensitivity", "specificity")]
        for ending, share in {"": positive["value"], "_training": before, "_stated": stated}.items():
            if f"ppv{ending}" in one:
                where = {"": "as here", "_training": "as in training", "_stated": "as stated"}[ending]
                for name in ("ppv", "npv"):
                    label = f"{name.upper()} at {100 * share:.1f} %, {where} (%)"
                    rows.append(_row(label, one[f"{name}{ending}"], 100))
        rows.append(_row("area under ROC", one["auc"], decimals=3))
        rows.append(_row("average precision", one["average_precision"], decimals=3))
        rows.append(_row("Brier score (lower is better)", one["brier"], decimals=3))
        rows.append(_row("expected / observed (ideal: 1)", one["expected_by_observed"], decimals=2))
        for threshold in ACTING:
            benefit = one[f"net_benefit_{threshold:g}"]
            rows.append(_row(f"net benefit at {100 * threshold:.0f} %", benefit, decimals=3))
            rows.append(_row(f"acting on all at {100 * threshold:.0f} %", {"value": benefit["treat_all"]}, decimals=3))
        title = f"{document['scale']} of {one['cutoff']:g} or more; prevalence in training: {in_training}"
        blocks.append(Block(title, rows))
    notes = [about(document), *intervals_in_words(document), probability_in_words(document)]
    return Table("screening by predicted score", _columns(document), blocks, label="number", notes=notes)


def probability_in_words(document: Mapping[str, Any]) -> str:
    """Return how the probability to reach a cut-off is derived."""
    if document["probability"] == "predicted distribution":
        return "The probability to reach a cut-off is summed over the distribution of scores that the network predicts."
    return (
        "The probability to reach a cut-off is the share of errors in the other half of the people that would bring "
        "the score there. The constant predictor gives everybody the prevalence in training."
    )


def _scores(document: Mapping[str, Any]) -> Table:
    rows = [_row(label, document["scores"][name], decimals=2) for name, label in OF_SCORES.items()]
    how = "closed form where everybody has one sitting, else people are resampled"
    notes = [f"95 % of the differences lie between the limits if they are normal. Their intervals: {how}."]
    return Table(f"{document['scale']}: predicted against true", _columns(document), [Block("", rows)], "number", notes)


def _bands(document: Mapping[str, Any]) -> Table:
    found = document["bands"]
    columns = [
        Column("sittings", f"{document['unit']}s", decimals=0),
        Column("people", "people", decimals=0),
        Column("coverage", "coverage [95 % interval]", "%", decimals=1),
        Column(CONSTANT, "coverage of the constant predictor", "%", decimals=1),
        Column("width", "mean width", "points", decimals=1),
    ]
    rows = []
    for one in found["by_severity"]:
        cells = {
            "sittings": Cell(float(one["num_sittings"])),
            "people": Cell(float(one["num_people"])),
            "coverage": _cell(one, 100),
            CONSTANT: Cell(None if one["constant"] is None else 100 * one["constant"]),
            "width": Cell(one["width"]),
        }
        rows.append(Row(one["name"] if one["name"] != "all" else "all people", cells))
    wanted = f"{100 * found['coverage']:.0f} %"
    width = found["half_width"]
    is_checked = found["by_severity"][0]["value"] is not None
    words = "" if is_checked else f"Too few people to check bands of {wanted}: each half needs at least nine. "
    words += "" if width is None else f"For new people: the predicted score, plus or minus {width:.1f} points."
    notes = [
        f"Score bands that contain the true score of {wanted} of the people: split conformal prediction. Each half of "
        "the people gives the bands of the other half, by one sitting of each person. The promise is for all "
        "people together, not for each band of severity.",
        *([words] if words else []),
    ]
    return Table("score bands by true severity", columns, [Block("", rows)], "true severity", notes)
