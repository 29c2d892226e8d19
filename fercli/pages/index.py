"""One page for all studies under a folder of runs, made from the `table.json` of each study."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fercli.errors import RunError, reading
from fercli.pages.html import write_page
from fercli.pages.parts import Facts, LinkTable, Section

WORDS = ("confirmed", "refuted", "undecided")


def write_index(runs: Path, lacking: Mapping[str, str] | None = None) -> Path:
    """Write `<runs>/studies/index.html` and return its path.

    Args:
        runs: folder of run folders.
        lacking: study to the reason why it cannot run.
    """
    folder = runs / "studies"
    documents, rows, damaged = {}, [], {}
    for path in sorted(folder.glob("*/table.json")):
        try:
            with reading(path, "the results of a study", error=RunError, remedy="run the study again"):
                document = json.loads(path.read_text("utf-8"))
                rows.append(_row(path.parent.name, document))
                documents[path.parent.name] = document
        except RunError as error:
            damaged[path.parent.name] = str(error)
    lacking = {**(lacking or {}), **damaged}
    pairs = [[(name, ""), (reason, "")] for name, reason in lacking.items()]
    counts = {word: sum(_verdicts(document).get(word, 0) for document in documents.values()) for word in WORDS}
    finished, planned = (sum(_cells(document)[i] for document in documents.values()) for i in (0, 1))
    facts = {"studies": f"{len(documents)} of {len(documents) + len(lacking or {})}"}
    facts |= {"cells": f"{finished} of {planned} finished"}
    facts |= {"claims": ", ".join(f"{count} {word}" for word, count in counts.items())}
    page = folder / "index.html"
    sections = [
        Section("All studies", [Facts(facts)]),
        Section(
            "Studies", [LinkTable("Studies", ("study", "table", "data", "budget", "cells", "claims", "files"), rows)]
        ),
        Section("Not run", [LinkTable("Not run", ("study", "what it lacks"), pairs)]),
    ]
    write_page(page, "Published ablations", sections)
    return page


def _row(name: str, document: Mapping[str, Any]) -> list[tuple[str, str]]:
    finished, planned = _cells(document)
    found = _verdicts(document)
    title = f"{document['title']} ({document['source']})" if "title" in document else ""
    changes = " ".join(document.get("changes", ()))
    verdicts = ", ".join(f"{found[word]} {word}" for word in WORDS if found.get(word))
    return [
        (document["study"], f"{name}/report.html"),
        (f"{title}, with {changes}" if changes else title, ""),
        (document["data"], ""),
        (document["budget"], ""),
        (f"{finished} of {planned}", ""),
        (verdicts or "none", ""),
        ("tables", f"{name}/table.md"),
    ]


def _verdicts(document: Mapping[str, Any]) -> Mapping[str, int]:
    """Return the number of verdicts of each kind; none in the file of an older version of fercli."""
    found: Mapping[str, int] = document.get("verdicts", {})
    return found


def _cells(document: Mapping[str, Any]) -> tuple[int, int]:
    return sum(cell["finished"] for cell in document["cells"]), len(document["cells"])
