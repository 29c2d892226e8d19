"""Print how a reproduction differs from the packed runs: machine, predictions, numbers, and the answer."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from rich.text import Text

from fercli.cli.console import Console, WordTable
from fercli.cli.printing import print_json, say
from fercli.errors import printable
from fercli.studies.reproduce import Origin, Repetition, origin
from fercli.studies.sameness import SameMetric, Sameness
from fercli.studies.significance import FEWEST_SEEDS
from fercli.tables.layout import number

MOST_OTHERS = 5  # packages besides the main ones that are named


def print_origin(planned: Sequence[Repetition], json: bool) -> list[Origin]:
    """Say what differs between the machine of the packed runs and this one, each difference once."""
    origins = [origin(one) for one in planned]
    main = {name: pair for found in origins for name, pair in found.versions.items()}
    others = {name: pair for found in origins for name, pair in found.others.items()}
    shown = main | {name: others.pop(name) for name in ("commit", "hardware") if name in others}
    if json:
        return origins
    say(f"{len(planned)} runs; the data is the same" if len(planned) > 1 else "1 run; the data is the same")
    for name, (there, here) in shown.items():
        say(f"  {printable(name)}: trained with {printable(there)}, here {printable(here)}")
    if others:
        names = ", ".join(f"{name} {there} / {here}" for name, (there, here) in list(others.items())[:MOST_OTHERS])
        more = f" and {len(others) - MOST_OTHERS} more" if len(others) > MOST_OTHERS else ""
        say(f"  other packages: {printable(names)}{more}")
    if not shown and not others:
        say("  versions and hardware are the same")
    return origins


def print_answers(answers: Sequence[Sameness], origins: Sequence[Origin], json: bool) -> None:
    """Print the predictions and numbers of each experiment, and the answer in a sentence."""
    if json:
        differs = {name: pair for found in origins for name, pair in (found.versions | found.others).items()}
        print_json({"differs": differs, "experiments": [_document(answer) for answer in answers]})
        return
    console = Console()
    for answer in answers:
        console.print(answer.name, style="bold")
        for one in answer.predictions:
            console.print(f"  seed {one.seed}: {_predictions(one.num_samples, one.differ, one.largest)}")
        if answer.metrics and answer.verdict != "identical":
            console.print(_table(answer.metrics))
        console.print(_sentence(answer), style="bold")


def _predictions(num_samples: int, differ: int, largest: float | None) -> str:
    if largest is None:
        return "other samples or columns than the packed predictions"
    if differ == 0 and largest == 0:
        return f"the predictions of all {num_samples:,} samples are equal"
    return f"{differ:,} of {num_samples:,} samples get another answer; numbers differ by at most {largest:.2g}"


def _table(metrics: Sequence[SameMetric]) -> WordTable:
    table = WordTable(box=None, pad_edge=False, header_style="dim")
    for heading in ("", "packed", "here", "difference [95 %]", "p", "over"):
        table.add_column(heading, justify="left" if heading in ("", "over") else "right")
    for one in metrics:
        facts = one.facts
        label = f"{facts.label} ({facts.unit})" if facts.unit else facts.label

        def text(value: float, signed: bool = False, one: SameMetric = one) -> str:
            return number(value * one.facts.scale, one.facts.decimals, signed=signed)

        ends = "" if one.low is None or one.high is None else f" [{text(one.low, True)}, {text(one.high, True)}]"
        cells = [label, text(one.before), text(one.after), f"{text(one.after - one.before, True)}{ends}"]
        cells += ["-" if one.p is None else f"{one.p:.3f}" if one.p >= 0.001 else "< 0.001", one.over or "-"]
        table.add_row(*(Text(printable(cell)) for cell in cells))
    return table


def _sentence(answer: Sameness) -> str:
    seeds = len(answer.predictions)
    if answer.verdict == "identical":
        return "identical: every stored prediction is equal, and so is every number"
    within = "seeds and samples" if seeds >= FEWEST_SEEDS else "samples"
    if answer.verdict == "undecided":
        return f"undecided: no metric can be compared over samples; pack {FEWEST_SEEDS} seeds or more"
    main = next((one for one in answer.metrics if one.low is not None), None)  # the first metric of the run
    if answer.verdict == "same":
        seen = ""
        if main is not None:
            half = number(_half(main) * main.facts.scale, main.facts.decimals)
            unit = f" {main.facts.unit}" if main.facts.unit else ""
            seen = f"; a difference of {main.facts.label} below {half}{unit} would not show"
        return f"same within {within}{seen}"
    differing = ", ".join(one.facts.label for one in answer.metrics if one.differs)
    named = f" ({printable(differing)})" if differing else ""
    if seeds < FEWEST_SEEDS and answer.metrics:
        return (
            f"not the same, over samples{named}: with {seeds} seed{'s' * (seeds > 1)}, chance in the training cannot "
            f"be told from another result; pack {FEWEST_SEEDS} seeds or more"
        )
    return f"not the same within {within}{named}"


def _half(metric: SameMetric) -> float:
    assert metric.low is not None
    assert metric.high is not None
    return (metric.high - metric.low) / 2


def _document(answer: Sameness) -> dict[str, Any]:
    metrics = [asdict(one) | {"differs": one.differs} for one in answer.metrics]
    predictions = [asdict(one) for one in answer.predictions]
    return {"name": answer.name, "verdict": answer.verdict, "predictions": predictions, "metrics": metrics}
