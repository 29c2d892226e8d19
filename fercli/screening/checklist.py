"""The TRIPOD+AI checklist of an evaluation, filled in with what fercli knows."""

from collections.abc import Iterator, Mapping
from typing import Any

from fercli.printed_protocol import said
from fercli.scales import Scale
from fercli.screening.tables import about, probability_in_words
from fercli.screening.tripod import ITEMS, SOURCE
from fercli.tables.table import Block, Cell, Column, Row, Table

AUTHORS = "to be said by the authors"
MEASURES = (
    "area under the ROC curve, average precision, sensitivity, specificity, predictive values, Brier score, expected "
    "by observed positives, net benefit, mean absolute error, limits of agreement, calibration line, coverage of score "
    "bands; the constant predictor beside them. Figures: ROC, precision and recall, decision curves, calibration, "
    "Bland-Altman, score bands"
)


def checklist_table(result: Mapping[str, Any], meta: Mapping[str, Any], scale: Scale, command: str) -> Table:
    """Return the checklist as a table: what each item asks for, and what fercli knows, or that the authors must say it.

    Args:
        result: a `metrics.json` with `screening`.
        meta: the `dataset.json` of the evaluated store.
        scale: of the scores.
        command: that trained the network; empty where it is not known.
    """
    known = dict(_known(result, meta, scale, command))
    rows: dict[str, list[Row]] = {}
    for item in ITEMS:
        answer = known.get(item.key)
        words = f"{answer}. The rest: {AUTHORS}" if answer else AUTHORS
        cells = {"applies": Cell(text=item.applies), "asks": Cell(text=item.asks), "known": Cell(text=words)}
        rows.setdefault(item.section, []).append(Row(item.key, cells))
    columns = [
        Column("applies", "D/E"),
        Column("asks", "what the report must say"),
        Column("known", "what fercli knows"),
    ]
    blocks = [Block(section, found) for section, found in rows.items()]
    notes = [
        SOURCE,
        "D: development of a model. E: its evaluation.",
        f"fercli knows something on {len(known)} of {len(ITEMS)} parts.",
    ]
    return Table("TRIPOD+AI checklist", columns, blocks, label="item", notes=notes)


def _known(result: Mapping[str, Any], meta: Mapping[str, Any], scale: Scale, command: str) -> Iterator[tuple[str, str]]:
    """Yield the key of each item that fercli knows something about, and what it knows."""
    document, protocol = result["screening"], result["protocol"]
    cutoffs = document["cutoffs"]
    at = ", ".join(f"{one['cutoff']:g}" for one in cutoffs)
    yield "1", f"Outcome: {scale.name} score, {scale.low:g} to {scale.high:g} points"
    counts = {split: sum(classes.values()) for split, classes in meta.get("counts", {}).items()}
    parts = ", ".join(f"{number:,} {split}" for split, number in counts.items())
    licence = said(meta.get("licence", ""))
    yield "5a", f"{meta.get('title', result['data']['name'])}; rows: {parts}; license: {licence}"
    if words := _preprocessing(meta):
        yield "7", words
    yield "8a", f"{scale.name}; source of the scale: {said(scale.source)}" + (f"; cut-offs: {at}" if at else "")
    yield "9b", f"Images of the face; where it was cut out: {said(protocol.get('crop'))}"
    people = f"{document['num_people']:,} people" if document["has_subjects"] else "people are not known"
    here = f"evaluated: {document['num_sittings']:,} {document['unit']}s, {people}"
    before = f"training recordings: {document['training']['num_recordings']:,}"
    yield "10", f"{before[0].upper()}{before[1:]}; {here}"
    yield "11", _left_out(meta)
    yield (
        "12a",
        f"Partition: {said(protocol.get('split_rule'))}; evaluated on: {said(protocol.get('split'))}",
    )
    pretraining, selection = (said(protocol.get(name)) for name in ("pretraining", "selection"))
    network = f"Method {result['method']}, network {result['backbone']}, pre-training {pretraining}"
    yield "12c", f"{network}; epoch chosen by: {selection}"
    yield "12e", MEASURES
    yield "12f", "fercli did not update the model. " + probability_in_words(document).rstrip(".")
    yield "12g", about(document).rstrip(".")
    yield "15", f"Score in {scale.unit}; positive at or above: {at or 'no cut-off'}"
    yield "18e", f"License of the data: {licence}"
    yield "18f", f"fercli {meta.get('fercli', '')}, commit {said(result.get('commit') or '')}; Apache-2.0"
    if cutoffs:
        yield "20a", "; ".join(f"{one['cutoff']:g} or more: {_events(one)}" for one in cutoffs)
        yield "20c", "; ".join(f"{one['cutoff']:g} or more: {_prevalences(one)}" for one in cutoffs)
    yield "21", f"{before[0].upper()}{before[1:]}; {here}"
    if command:
        yield (
            "22",
            f"Run {result['run_id']}, seed {result['seed']}; command: {command}; `fercli export` writes the network",
        )
    yield "23a", "The tables of this page"
    yield "24", "fercli did not update the model"


def _preprocessing(meta: Mapping[str, Any]) -> str:
    options = meta.get("options", {})
    detector = (options.get("detector") or {}).get("_target_", "").rpartition(".")[2]
    size = meta.get("image", {}).get("size")
    return f"Detector: {said(detector)}; stored crop: {size} pixels" if options and size else ""


def _left_out(meta: Mapping[str, Any]) -> str:
    rejects = meta.get("num_rejects", {})
    total = sum(number if isinstance(number, int) else sum(number.values()) for number in rejects.values())
    return f"Rows left out in the preparation: {total:,}"


def _events(one: Mapping[str, Any]) -> str:
    number = one["prevalence"]["num_sittings"]
    positive = round(one["prevalence"]["value"] * number)
    return f"{positive:,} with, {number - positive:,} without"


def _prevalences(one: Mapping[str, Any]) -> str:
    before = one["training_prevalence"]
    training = "not known" if before is None else f"{100 * before:.1f} %"
    return f"{training} in training, {100 * one['prevalence']['value']:.1f} % here"
