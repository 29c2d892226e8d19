"""The summary of a preprocessing for the terminal and for scripts."""

import json
from collections import Counter
from typing import Any

from rich.console import Group
from rich.text import Text

from fercli.cli.console import WordTable
from fercli.errors import printable
from fercli.preprocess.summary import Summary
from fercli.records import SPLITS, Reject

MOST_CLASSES = 40  # longer lists are for `--json` and `dataset.json`
MOST_OF_AN_EXAMPLE = 100  # characters


def account_table(name: str, summary: Summary) -> Group:
    """Return tables of the rows kept and left out by split and class, and of the rows left out by reason."""
    left_out = Counter((reject.split, reject.expression) for reject in summary.rejects)
    splits = [s for s in SPLITS if s in summary.kept or any(split == s for split, _ in left_out)]
    classes = list(
        dict.fromkeys([c for by_class in summary.kept.values() for c in by_class] + sorted({c for _, c in left_out}))
    )
    table = WordTable(
        title=f"{name}: {summary.num_rows:,} rows kept, {len(summary.rejects):,} left out", title_justify="left"
    )
    table.add_column("class")
    for split in splits:
        table.add_column(split, justify="right")
        table.add_column("left out", justify="right", style="dim")
    for c in classes if len(classes) <= MOST_CLASSES else []:
        cells = [n for split in splits for n in (summary.kept.get(split, {}).get(c, 0), left_out[split, c])]
        table.add_row(c or "(no class)", *map(_count, cells))
    table.add_section()
    totals = [n for s in splits for n in (sum(summary.kept.get(s, {}).values()), _total(left_out, s))]
    table.add_row("all", *map(_count, totals))
    left_out_tables = [_reasons(summary, splits)] if summary.rejects else []
    remedies = [_remedies(summary)] if summary.remedies else []
    understood = [_understood(summary)] if summary.understood else []
    return Group(*understood, table, *left_out_tables, *remedies, *_of_files(summary))


def account_json(summary: Summary, store: str | None) -> str:
    """Return the numbers of `account_table` as JSON."""
    left_out = Counter((reject.split, reject.expression, reject.reason) for reject in summary.rejects)
    examples = {(r.split, r.expression, r.reason): _example(r) for r in reversed(summary.rejects)}
    rows = [
        {"split": key[0], "expression": key[1], "reason": key[2], "rows": number, "example": examples[key]}
        for key, number in sorted(left_out.items())
    ]
    account: dict[str, Any] = {
        "store": store,
        "rows": summary.num_rows,
        "kept": summary.kept,
        "left_out": rows,
        "notes": summary.notes,
    }
    account["unread"] = [{"suffix": s, "files": c.number, "example": c.example} for s, c in summary.unread.items()]
    account["repeats"] = [{"splits": p, "rows": c.number, "example": c.example} for p, c in summary.repeats.items()]
    account["remedies"] = summary.remedies
    account |= {"understood": summary.understood} if summary.understood else {}
    return json.dumps(account, indent=2)


def _understood(summary: Summary) -> WordTable:
    """Return a table of what a check has understood of the raw data."""
    table = WordTable(title="understood", title_justify="left", show_header=False)
    table.add_column("what")
    table.add_column("found")
    for name, text in summary.understood.items():
        table.add_row(name, Text(printable(text)))
    return table


def _remedies(summary: Summary) -> WordTable:
    """Return a table of what to do about the rows that were left out."""
    found = [(reason, summary.remedies[reason]) for reason in summary.reasons if reason in summary.remedies]
    table = WordTable(title="what to do about them", title_justify="left", show_header=False)
    table.add_column("reason")
    table.add_column("remedy")
    for reason, remedy in found:
        table.add_row(reason, Text(printable(remedy)))
    return table


def _reasons(summary: Summary, splits: list[str]) -> WordTable:
    counts = Counter((reject.reason, reject.expression, reject.split) for reject in summary.rejects)
    examples = {(reject.reason, reject.expression): _example(reject) for reject in reversed(summary.rejects)}
    pairs = dict.fromkeys((reason, c) for reason in summary.reasons for r, c, _ in sorted(counts) if r == reason)
    if len(pairs) > MOST_CLASSES:
        counts = Counter((reject.reason, "", reject.split) for reject in summary.rejects)
        examples = {(reject.reason, ""): _example(reject) for reject in reversed(summary.rejects)}
        pairs = dict.fromkeys((reason, "") for reason in summary.reasons)
    # The split of a row may be unknown, for example of an entry of a zip that was not opened.
    columns = [*splits, *sorted({split for _, _, split in counts} - set(splits))]
    table = WordTable(title="left out", title_justify="left")
    table.add_column("reason")
    table.add_column("class")
    for split in columns:
        table.add_column(split or "(no split)", justify="right")
    table.add_column("such as")
    for reason, c in pairs:
        numbers = (_count(counts[reason, c, split]) for split in columns)
        table.add_row(reason, c, *numbers, Text(examples[reason, c]))
    return table


def _example(reject: Reject) -> str:
    """Return what was found wrong in a row; its id where the reason says all."""
    return printable(reject.detail or reject.id)[:MOST_OF_AN_EXAMPLE]


def _of_files(summary: Summary) -> list[WordTable]:
    """Return tables of files that are in no row, and of rows that repeat the image of another row, if any exist."""
    repeats = {" and ".join(dict.fromkeys(pair)): counted for pair, counted in summary.repeats.items()}
    listed = (("images and videos that no row names", "suffix", summary.unread), ("same image again", "split", repeats))
    tables = []
    for title, heading, rows in listed:
        if rows:
            table = WordTable(title=title, title_justify="left")
            table.add_column(heading)
            table.add_column("files" if heading == "suffix" else "rows", justify="right")
            table.add_column("such as")
            for name, counted in rows.items():
                table.add_row(name, _count(counted.number), counted.example)
            tables.append(table)
    return tables


def _total(left_out: Counter[tuple[str, str]], split: str) -> int:
    return sum(n for (s, _), n in left_out.items() if s == split)


def _count(number: int) -> str:
    return f"{number:,}" if number else "-"
