"""The protocol statement of a study: how its numbers were made, read from the runs themselves."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from fercli.catalog import describe
from fercli.printed_protocol import epoch_in_words, fields_in_words
from fercli.protocol import Protocol
from fercli.runs.hardware import hardware_in_words
from fercli.runs.provenance import read_provenance
from fercli.studies.aggregate import Results

SHOWN = ("version", "split rule", "labels", "classes", "crop", "landmarks", "pretraining")  # fields of the protocol
LIBRARIES = ("fercli", "torch", "torchvision", "timm", "pytorch-lightning")


def statement(results: Results) -> dict[str, str]:
    """Return label to sentence, in the order shown. A value that differs between runs is given with its run counts."""
    plan, runs = results.plan, results.runs.drop_duplicates("folder")
    protocols = [Protocol.of(run) for run in runs.to_dict("records")]
    fields = [fields_in_words(protocol) for protocol in protocols]
    origins = [read_provenance(Path(folder)) for folder in runs["folder"]]
    seeds = sorted({cell.seed for cell in plan.cells})
    each = "row, seed and fold" if plan.joined else "row and seed"
    said = {
        "source": f"{plan.study.source}, {plan.study.table}, on {plan.study.place}",
        "data": "; ".join(f"{name}, fingerprint {mark}" for name, mark in plan.fingerprints.items()),
        "trained on": _counted(f"{count:,.0f} samples" for count in runs["num_train_rows"].dropna()),
        "evaluated on": _counted(
            f"{count:,} {split} samples" for count, split in zip(runs["num_rows"], runs["split"], strict=True)
        ),
        **{name: _counted(one[name] for one in fields) for name in SHOWN},
        "options": _counted(one.options or "as given" for one in protocols if any(p.options for p in protocols)),
        "epoch": _counted(map(epoch_in_words, protocols)),
        "budget": _counted(_described("budget", name) for name in runs["budget"]),
        "shared options": " ".join((*plan.study.base, *plan.request.overrides)) or "none",
        "seeds": f"{', '.join(map(str, seeds))}: one training per {each}",
        "code": _counted(commit for commit in runs["commit"].dropna()) or "not under version control",
        "libraries": _counted(_libraries(origin) for origin in origins if origin),
        "hardware": _counted(hardware_in_words(origin) for origin in origins if origin),
        "left out": _counted(left.reason for left in results.left_out),
    }
    return {label: sentence for label, sentence in said.items() if sentence}


def _counted(words: Iterable[str]) -> str:
    """Return the value that all runs share, or each value with its number of runs."""
    counts = Counter(words)
    if len(counts) == 1 and (only := next(iter(counts))):
        return only
    return "; ".join(f"{word} ({in_runs(count)})" for word, count in counts.most_common())


def in_runs(count: int) -> str:
    """Return `1 run`, `2 runs` and so on."""
    return f"{count} run{'s' * (count != 1)}"


def _described(group: str, name: Any) -> str:
    text = describe(group).get(str(name), "")
    return f"{name}: {text[0].lower()}{text[1:]}" if text else str(name)


def _libraries(origin: dict[str, Any]) -> str:
    versions = origin.get("versions", {})
    return ", ".join(f"{name} {versions[name]}" for name in ("python", *LIBRARIES) if versions.get(name))
