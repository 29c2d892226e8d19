"""The statement of protocol of a study: how its numbers were made, read from the runs themselves."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from fercli.catalog import describe
from fercli.runs.provenance import hardware_in_words, read_provenance
from fercli.studies.aggregate import Results

LIBRARIES = ("fercli", "torch", "torchvision", "timm", "pytorch-lightning")


def statement(results: Results) -> dict[str, str]:
    """Label to sentence, in the order shown; what differs between runs is listed with their number."""
    plan, runs = results.plan, results.runs.drop_duplicates("folder")
    origins = [read_provenance(Path(folder)) for folder in runs["folder"]]
    seeds = sorted({cell.seed for cell in plan.cells})
    said = {
        "source": f"{plan.study.source}, {plan.study.table}, on {plan.study.data}",
        "data": "; ".join(f"{name}, fingerprint {mark}" for name, mark in plan.fingerprints.items()),
        "trained on": _counted(f"{count:,.0f} samples" for count in runs["num_train_rows"].dropna()),
        "judged on": _counted(
            f"{count:,} {split} samples" for count, split in zip(runs["num_rows"], runs["split"], strict=True)
        ),
        "epoch": _counted(_described("selection", name) for name in runs["selection"]),
        "budget": _counted(_described("budget", name) for name in runs["budget"]),
        "initial weights": _counted(str(name) if isinstance(name, str) else "random" for name in runs["weights"]),
        "input": _counted(f"{size:.0f} pixels" for size in runs["size"].dropna()),
        "shared options": " ".join((*plan.study.base, *plan.request.overrides)) or "none",
        "seeds": f"{', '.join(map(str, seeds))}: one training per row and seed",
        "code": _counted(commit for commit in runs["commit"].dropna()) or "not under version control",
        "libraries": _counted(_libraries(origin) for origin in origins if origin),
        "hardware": _counted(hardware_in_words(origin) for origin in origins if origin),
        "left out": _counted(left.reason for left in results.left_out),
    }
    return {label: sentence for label, sentence in said.items() if sentence}


def _counted(words: Iterable[str]) -> str:
    """What all have in common, or each with the number of runs that have it."""
    counts = Counter(words)
    if len(counts) == 1 and (only := next(iter(counts))):
        return only
    return "; ".join(f"{word} ({count} runs)" for word, count in counts.most_common())


def _described(group: str, name: Any) -> str:
    text = describe(group).get(str(name), "")
    return f"{name}: {text[0].lower()}{text[1:]}" if text else str(name)


def _libraries(origin: dict[str, Any]) -> str:
    versions = origin.get("versions", {})
    return ", ".join(f"{name} {versions[name]}" for name in ("python", *LIBRARIES) if versions.get(name))
