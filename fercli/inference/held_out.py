"""How far a run was off on the rows that it was evaluated on: a prediction is read with it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from fercli.facts import PERCENT, Facts
from fercli.intervals import in_words, recorded_units

OUTPUTS = ("predicted", "predicted_score", "predicted_valence", "predicted_arousal")
CHOSEN_ON = "reported split"  # the protocol's words for an epoch that was chosen on the evaluated rows


@dataclass(frozen=True)
class HeldOut:
    """One metric of a run, from its own evaluation.

    Attributes:
        metric: key of the metric in `metrics.json`, such as `mae`.
        label: name of the metric in print.
        unit: of the printed value; a metric in `%` is stored as a fraction.
        decimals: digits after the point of the printed value.
        value: as `metrics.json` holds it.
        low: lower end of its 95 % interval; None without an interval.
        high: upper end.
        data: name of the data set in print, and the split.
        num_rows: number of evaluated rows.
        is_held_out: False where the epoch was chosen on these rows.
        units: what the interval is over in words, such as `41 subjects`; empty where the run does not say.
        is_error: whether the value is a distance in the unit of the output, to add and to subtract.
    """

    metric: str
    label: str
    unit: str
    decimals: int
    value: float
    low: float | None
    high: float | None
    data: str
    num_rows: int
    is_held_out: bool
    units: str = ""
    is_error: bool = False

    def document(self) -> dict[str, Any]:
        """Return the fields as values of JSON."""
        return asdict(self)

    def words(self) -> str:
        """Return a line such as `MAE 7.91 points (95 % interval 6.80 to 9.10 over 9 subjects) on 24 rows of AVEC`."""
        scale, digits = (100.0 if self.unit == PERCENT else 1.0), self.decimals

        def shown(value: float) -> str:
            return f"{value * scale:.{digits}f}"

        unit = f" {self.unit}" if self.unit else ""
        over = f" over {self.units}" if self.units else ""
        ends = ""
        if self.low is not None and self.high is not None:
            ends = f" (95 % interval {shown(self.low)} to {shown(self.high)}{over})"
        caution = "" if self.is_held_out else "; the epoch was chosen on these rows, so expect worse"
        rows = f"{self.num_rows:,} row{'' if self.num_rows == 1 else 's'}"
        return f"{self.label} {shown(self.value)}{unit}{ends} on {rows} of {self.data}{caution}"


def held_out(recorded: Mapping[str, Any]) -> dict[str, HeldOut]:
    """Return for each kind of output the first metric that it is shown with, as far as the run has one.

    Args:
        recorded: content of the run's `metrics.json`.
    """
    protocol, metrics = recorded.get("protocol", {}), recorded.get("metrics", {})
    data = ", ".join(
        filter(None, [str(protocol.get("dataset", recorded["data"].get("name", ""))), str(protocol.get("split", ""))])
    )
    found: dict[str, HeldOut] = {}
    for name, score in metrics.items():
        output = _output(score)
        if output is None or output in found or not isinstance(score.get("value"), int | float):
            continue
        facts = Facts.of(score, f"metrics.json: metric '{name}'")
        units = recorded_units(score, f"metrics.json: metric '{name}'")
        found[output] = HeldOut(
            metric=name,
            label=facts.label,
            unit=facts.unit,
            decimals=facts.decimals,
            value=score["value"],
            low=score.get("low"),
            high=score.get("high"),
            data=data,
            num_rows=int(recorded.get("num_rows", 0)),
            is_held_out=protocol.get("selection") != CHOSEN_ON,
            units=in_words(units) if units else "",
            is_error=score.get("is_error") is True,
        )
    return found


def _output(score: Mapping[str, Any]) -> str | None:
    """Return the output that a metric is shown with, as its entry in `metrics.json` says; None for other metrics."""
    reads = score.get("reads", ())
    if score.get("is_share") and "probabilities" in reads:
        return "predicted"
    return next((name for name in OUTPUTS if name in reads), None) if score.get("is_error") else None
