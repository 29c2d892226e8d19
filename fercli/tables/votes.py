"""The agreement of the annotators, in words, and the error of a run by the entropy of their votes."""

from collections.abc import Mapping, Sequence
from typing import Any

from fercli.intervals import NOT_SAID, kinds_in_words
from fercli.tables.layout import number
from fercli.tables.table import Block, Cell, Column, Row, Table


def agreement_in_words(votes: Mapping[str, Any]) -> str:
    """Say how often one annotator agrees with the rest.

    Args:
        votes: this entry of a `metrics.json`.

    Examples:
        >>> agreement_in_words({"num_rows": 90, "agreement": {"value": 0.814, "low": 0.8, "high": 0.83}})
        "Annotators' ceiling: one annotator agrees with most of the others on 81.4 % [80.0, 83.0] of 90 images."
    """
    said = f"Annotators' ceiling: one annotator agrees with most of the others on {_share(votes['agreement'])}"
    said += f" of {votes['num_rows']:,} images"
    if "agreement_of_all" in votes:
        said += f"; {_share(votes['agreement_of_all'])} if an answer that is no class counts as disagreement"
    return f"{said}."


def entropy_table(result: Mapping[str, Any]) -> Table | None:
    """Return the share of wrong predictions by the entropy of the votes.

    Args:
        result: the content of a `metrics.json`.

    Returns:
        None for a run that predicts no classes, or on data without votes.
    """
    votes = result.get("votes", {})
    rows = []
    for part in votes.get("by_entropy", ()):
        cells = {"images": Cell(float(part["num_rows"])), "error": share_cell(part)}
        rows.append(Row(range_in_words(part), cells))
    if not rows:
        return None
    columns = [Column("images", "images", decimals=0), Column("error", "error", "%", decimals=1)]
    notes = (agreement_in_words(votes), f"In brackets: 95 % interval over {units_in_words(votes['by_entropy'])}.")
    return Table("error by the entropy of the votes", columns, [Block("", rows)], label="entropy", notes=notes)


def units_in_words(shares: Sequence[Mapping[str, Any]]) -> str:
    """Say what the intervals of shares are over.

    Examples:
        >>> units_in_words([{"units": {"subject": 3}}, {"units": {"subject": 1, "row": 2}}])
        'subjects and samples'
        >>> units_in_words([{"units": {"row": 2}}])
        'samples, taken as independent'
    """
    kinds = {kind: 1 for share in shares for kind in share.get("units", {})}
    return NOT_SAID if set(kinds) <= {"row"} else kinds_in_words(kinds)


def range_in_words(part: Mapping[str, Any]) -> str:
    """Return a range of the entropy in words.

    Examples:
        >>> range_in_words({"above": None, "up_to": 0.0}), range_in_words({"above": 0.0, "up_to": 0.5})
        ('0 bits (all agree)', 'up to 0.5 bits')
        >>> range_in_words({"above": 1.5, "up_to": None})
        'above 1.5 bits'
    """
    if part["above"] is None:
        return "0 bits (all agree)"
    return f"above {part['above']:g} bits" if part["up_to"] is None else f"up to {part['up_to']:g} bits"


def share_cell(share: Mapping[str, Any]) -> Cell:
    """Return a share with its interval, in %; without an interval where its ends are None."""
    value, low, high = (None if share[name] is None else 100 * share[name] for name in ("value", "low", "high"))
    return Cell(value, low=low, high=high, decimals=1)


def _share(share: Mapping[str, Any]) -> str:
    said = f"{number(100 * share['value'], 1)} %"
    return (
        said if share["low"] is None else f"{said} [{number(100 * share['low'], 1)}, {number(100 * share['high'], 1)}]"
    )
