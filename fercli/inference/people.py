"""The predictions for each person of a video over all frames, one row a person."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fercli.inference.stream import FacePrediction
from fercli.ops.severity import severity
from fercli.scales import Scale
from fercli.spreadsheet import SpreadsheetWriter


@dataclass
class Person:
    """Sums over the frames with predictions for one person."""

    start: float
    end: float = 0.0
    num_frames: int = 0
    sums: dict[str, float] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)

    def add(self, time: float, values: dict[str, Any]) -> None:
        """Take the numbers of one frame."""
        self.end, self.num_frames = time, self.num_frames + 1
        for name, value in values.items():
            if isinstance(value, float) and math.isfinite(value):
                self.sums[name] = self.sums.get(name, 0.0) + value
                self.counts[name] = self.counts.get(name, 0) + 1

    def means(self) -> dict[str, float]:
        """Return the mean of each output over the frames that have it."""
        return {name: total / self.counts[name] for name, total in self.sums.items()}


class People:
    """The people of all videos, each with mean predictions: a video needs one score, not one per frame.

    Args:
        columns: of the outputs, as in the table of frames.
        scale: of the scores.
    """

    def __init__(self, columns: Sequence[str], scale: Scale):
        self.scale = scale
        self.columns = tuple(columns)
        self.people: dict[tuple[str, int], Person] = {}

    def add(self, source: str, predicted: FacePrediction, row: dict[str, Any]) -> None:
        """Take one frame of a video. A frame without a face belongs to nobody, even if a run predicted its middle.

        Nobody knows whether the person is still there. The means are over frames that show the person.
        """
        if predicted.face is not None:
            person = self.people.setdefault((source, predicted.number), Person(predicted.still.time))
            person.add(predicted.still.time, {name: row[name] for name in self.columns if name in row})

    def rows(self) -> list[dict[str, Any]]:
        """Return a row for each person.

        Its columns are `source`, `face`, `frames`, `start` and `end` in seconds, the mean of each output over the
        frames, the emotion of the highest mean probability as `predicted`, and the band of the mean score as
        `severity`.
        """
        found = []
        for (source, number), person in self.people.items():
            means: dict[str, Any] = person.means()
            for start in {name.removesuffix("predicted") for name in self.columns if name.endswith("predicted")}:
                shares = {name: value for name, value in means.items() if name.startswith(f"{start}prob_")}
                if shares:
                    means[f"{start}predicted"] = max(shares, key=shares.__getitem__).removeprefix(f"{start}prob_")
            if "predicted_score" in means and self.scale.bands:
                means["severity"] = self.scale.names[int(severity(means["predicted_score"], self.scale))]
            spans = {"frames": person.num_frames, "start": person.start, "end": person.end}
            found.append({"source": source, "face": number, **spans, **means})
        return found

    def write(self, path: Path) -> None:
        """Write the rows as CSV."""
        names = ["source", "face", "frames", "start", "end", *self.columns]
        names += ["severity"] if "predicted_score" in self.columns and self.scale.bands else []
        with path.open("w", newline="", encoding="utf-8") as stream:
            SpreadsheetWriter(stream, names).write(self.rows())
