"""Everything that is known about one row of a comparison, and where it comes from."""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from fercli.errors import ConfigError, nearest
from fercli.printed_protocol import said
from fercli.protocol import FIELDS, Protocol
from fercli.published.comparison import Numbers
from fercli.published.comparison_blocks import held
from fercli.published.comparison_runs import full_name, measured_protocol, row_name, run_label
from fercli.published.files import meanings
from fercli.published.flags import published_flags
from fercli.published.numbers import cautions
from fercli.published.publications import Publication
from fercli.tables.columns import measured
from fercli.tables.layout import number

MOST_LEFT_OUT = 10  # run folders that are named
LINE = ("file", "table", "method", "reference", "year", "modality", "row_kind", "notes")


def explain_row(found: Numbers, row: str) -> dict[str, Any]:
    """Return what is known about the rows of one name, as nested dictionaries and lists of texts and numbers.

    Keys: `row`, `data`, `metric`, `unit`; lists under `published` (each number with its protocol, every place that
    prints it, doubts, flags and repeats), `repeated` (repeats without a known published number) and `measured` (our
    runs); `cautions` about the data set; run folders that are `left_out` of the table, such as copies and damaged ones.

    Args:
        row: the name in the table, a name under which a source prints it (in any case), or a run id.

    Raises:
        ConfigError: no such row.
    """
    typed = row.casefold()
    prints = [one for one in found.prints if typed in map(str.casefold, _names(one))]
    alone = found.alone[found.alone["method"].str.casefold() == typed]
    own = [line for line in found.own.to_dict("records") if typed in _own_names(line)]
    if not prints and alone.empty and not own:
        known = {name for one in found.prints for name in _names(one)} | {*found.alone["method"]}
        known |= {row_name(line) for line in found.own.to_dict("records")}
        raise ConfigError(f"no row named '{row}' in {found.title}; {nearest(row, sorted(known))}")
    return {
        "row": row,
        "data": found.data,
        "metric": found.column.key,
        "unit": found.column.unit,
        "published": [_published(one, found) for one in prints],
        "repeated": [_repeat(line) for line in alone.to_dict("records")],
        "measured": [_measured(line, found) for line in own],
        "cautions": cautions(found.data),
        "left_out": [{"folder": str(one.folder), "reason": one.reason, "detail": one.detail} for one in found.left_out],
    }


def _own_names(line: Mapping[Any, Any]) -> tuple[str, ...]:
    """What may be typed for our runs: the name of the row, with or without the run, or the run."""
    return row_name(line).casefold(), full_name(line).casefold(), line["run_id"]


def explanation(document: Mapping[str, Any], found: Numbers) -> str:
    """Return what `explain_row` finds as text for a terminal; `doubts` of a measured run are shown as warnings."""
    return "\n".join(_lines(document, found))


def _names(one: Publication) -> set[str]:
    return {one.name, *(line["name"] for line in one.lines), *(line["method"] for line in one.lines)}


def _published(one: Publication, found: Numbers) -> dict[str, Any]:
    return {
        "name": one.name,
        "value": one.value,
        "sd": one.sd,
        "runs": one.runs,
        "protocol": _protocol(one.protocol),
        "fingerprint": one.protocol.fingerprint,
        "printed": [{key: line[key] for key in LINE} | {"number": line["printed"]} for line in one.lines],
        "doubts": list(one.doubts),
        "flags": published_flags(one.doubts, one.value, one.repeats, found.column),
        "repeats": [_repeat(line) for line in one.repeats.to_dict("records")],
    }


def _repeat(line: Mapping[Any, Any]) -> dict[str, Any]:
    numbers = {key: held(line[key]) for key in ("published", "repeated", "sd", "n")}
    return {**numbers, "by": line["by"], "note": line["note"], "protocol": _protocol(line["protocol"])}


def _measured(line: Mapping[Any, Any], found: Numbers) -> dict[str, Any]:
    protocol = measured_protocol(line)
    numbers = {key: held(line[key]) for key in ("value", "sd", "low", "high")}
    return {
        "name": f"{row_name(line)}, {run_label(line)}",
        **{
            key: None if value is None else measured(found.column.key, value, found.facts)
            for key, value in numbers.items()
        },
        "protocol": _protocol(protocol),
        "fingerprint": protocol.fingerprint,
        "classifier": line["classifier_about"] if isinstance(line["classifier_about"], str) else None,
        "store": f"{line['data']}, fingerprint {line['fingerprint']}",
        "rows": line["num_rows"],
        **{key: None if pd.isna(line[key]) else line[key] for key in ("size", "budget")},
        "seeds": list(line["seeds"]),
        "folders": list(line["folders"]),
        "commits": list(line["commits"]),
    }


def _protocol(protocol: Protocol) -> dict[str, str | None]:
    return {name: getattr(protocol, name) or None for name in FIELDS}


def _lines(document: Mapping[Any, Any], found: Numbers) -> Iterator[str]:
    yield f"{found.title}: {document['row']}"
    for one in document["published"]:
        yield ""
        yield f"published: {one['name']}, {_number(one['value'], one['sd'], one['runs'], found)}"
        yield from _protocol_lines(one["protocol"])
        for place in one["printed"]:
            yield f"  printed in {place['file']}, {place['table']}: {place['number']}"
            yield from _facts({key: place[key] for key in ("method", "reference", "year", "modality", "notes")})
        yield f"  flags: {'; '.join(one['flags']) or 'none'}"
        yield from _repeat_lines(one["repeats"], found)
    if document["repeated"]:
        yield "\nknown only from repeats by others"
        yield from _repeat_lines(document["repeated"], found)
    for one in document["measured"]:
        yield ""
        yield f"measured: {one['name']}, {_number(one['value'], one['sd'], len(one['seeds']), found)}"
        yield from _protocol_lines(one["protocol"])
        facts = {
            "classifier": one["classifier"],
            "store": one["store"],
            "rows": f"{one['rows']:,}",
            "seeds": ", ".join(map(str, one["seeds"])),
        }
        facts |= {"commits": ", ".join(one["commits"]) or "not known", "folders": ", ".join(one["folders"])}
        yield from _facts(facts)
        yield from (f"    WARNING      {doubt}" for doubt in one.get("doubts", ()))
    if document["left_out"]:
        yield "\nrun folders left out, of any row"
        yield from (f"  {_left_out(one)}" for one in document["left_out"][:MOST_LEFT_OUT])
        if (more := len(document["left_out"]) - MOST_LEFT_OUT) > 0:
            yield f"  and {more} more: fercli runs list shows them"
    if document["cautions"]:
        yield "\ncautions"
        yield from (f"  {caution}" for caution in document["cautions"])


def _left_out(one: Mapping[str, str]) -> str:
    return f"{one['folder']}: {one['reason']}" + (f": {one['detail']}" if one["detail"] else "")


def _protocol_lines(protocol: Mapping[str, str | None]) -> Iterator[str]:
    yield "  protocol"
    for name, word in protocol.items():
        meaning = meanings().get((name, word or ""), "")
        yield f"    {name.replace('_', ' '):<12} {said(word or '')}" + (f" ({meaning})" if meaning else "")


def _repeat_lines(repeats: list[dict[str, Any]], found: Numbers) -> Iterator[str]:
    for one in repeats:
        protocol = {name: word for name, word in one["protocol"].items() if word and name != "dataset"}
        under = ", ".join(f"{name.replace('_', ' ')} {word}" for name, word in protocol.items()) or "not said"
        printed = one["published"]
        against = "" if printed is None else f", against {number(printed, found.column.decimals)}"
        yield f"  repeated: {_number(one['repeated'], one['sd'], one['n'], found)}{against}"
        yield from _facts({"by": one["by"], "note": one["note"], "protocol": under, "file": "repeats.csv"})


def _facts(facts: Mapping[Any, Any]) -> Iterator[str]:
    yield from (f"    {name:<12} {fact}" for name, fact in facts.items() if fact)


def _number(value: float, sd: float | None, runs: float | None, found: Numbers) -> str:
    unit = found.column.unit
    parts = [number(value, found.column.decimals)]
    parts += [f"± {number(sd, found.column.decimals)}"] if sd is not None else []
    parts += [unit] if unit else []
    parts += [f"(n = {runs:.0f})"] if runs is not None else []
    return " ".join(parts)
