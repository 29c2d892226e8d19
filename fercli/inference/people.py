"""The predictions for each person of a video over all frames, one row a person."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from fercli.inference.held_out import HeldOut
from fercli.inference.person import Person
from fercli.inference.stream import FacePrediction
from fercli.ops.severity import severity
from fercli.scales import Scale
from fercli.spreadsheet import SpreadsheetWriter

SPANS = ("source", "person", "frames", "first_seen", "last_seen", "seconds_seen")
SCORE = "predicted_score"


class People:
    """The people of all videos, each with mean predictions: a video needs one score, not one per frame.

    Args:
        columns: of the outputs, as in the table of frames.
        scale: of the scores.
        errors: column to the held-out metric of its run.
    """

    def __init__(self, columns: Sequence[str], scale: Scale, errors: Mapping[str, HeldOut] | None = None):
        self.scale = scale
        self.columns = tuple(columns)
        self.errors = {name: one for name, one in (errors or {}).items() if one.is_error}
        self.traced = [name for name in columns if name.endswith((SCORE, "predicted_valence", "predicted_arousal"))]
        self.people: dict[tuple[str, str], Person] = {}

    def add(self, source: str, name: str | None, predicted: FacePrediction, row: Mapping[str, Any]) -> None:
        """Take one face of a video frame.

        A frame without a face belongs to nobody, even if a run predicted its middle: nobody knows whether the person is
        still there. A face without a name was seen too shortly to be a person.
        """
        if predicted.face is not None and name is not None:
            time = predicted.still.time
            person = self.people.setdefault((source, name), Person(time, time))
            person.add(time, {column: row[column] for column in self.columns if column in row}, self.traced)

    def rows(self) -> list[dict[str, Any]]:
        """Return a row for each person.

        Its columns are `SPANS` (times in seconds), the mean of each output over the frames, the emotion of the highest
        mean probability as `predicted`, the held-out error of each score as `<output>_error`, and the band of the mean
        score as `severity`, with the bands that the error reaches as `severity_within_error`.
        """
        found = []
        for (source, name), person in self.people.items():
            means: dict[str, Any] = person.means()
            for start in {column.removesuffix("predicted") for column in self.columns if column.endswith("predicted")}:
                shares = {key: value for key, value in means.items() if key.startswith(f"{start}prob_")}
                if shares:
                    means[f"{start}predicted"] = max(shares, key=shares.__getitem__).removeprefix(f"{start}prob_")
            means |= {f"{column}_error": one.value for column, one in self.errors.items() if column in means}
            if SCORE in means:
                means |= self._bands(means[SCORE])
            spans = (source, name, person.num_frames, person.start, person.end, person.seconds)
            found.append(dict(zip(SPANS, spans, strict=True)) | means)
        return found

    def _bands(self, score: float) -> dict[str, str]:
        """Return the band of a score, and the bands from the score less its error to the score plus its error."""
        if not self.scale.bands:
            return {}
        found = {"severity": self._band(score)}
        if SCORE in self.errors:
            ends = map(self._band, within(score, self.errors[SCORE].value, self.scale))
            found["severity_within_error"] = " to ".join(dict.fromkeys(ends))
        return found

    def _band(self, score: float) -> str:
        return self.scale.names[int(severity(score, self.scale))]

    def seconds(self) -> list[dict[str, Any]]:
        """Return the mean of each score, valence and arousal of each person in each second of each video."""
        return [
            {"source": source, "person": name, "second": second}
            | {column: total / count for column, (total, count) in person.by_second[second].items()}
            for (source, name), person in self.people.items()
            for second in sorted(person.by_second)
        ]

    def write(self, folder: Path) -> list[Path]:
        """Write `people.csv`, and `over-time.csv` if a run predicts scores, valence or arousal; return the files."""
        names = [*SPANS, *self.columns, *(f"{column}_error" for column in self.errors)]
        names += ["severity", "severity_within_error"] if SCORE in self.columns and self.scale.bands else []
        written = [_write(folder / "people.csv", names, self.rows())]
        if self.traced:
            columns = ["source", "person", "second", *self.traced]
            written.append(_write(folder / "over-time.csv", columns, self.seconds()))
        return written


def within(score: float, error: float, scale: Scale) -> tuple[float, float]:
    """Return the score less the error and the score plus the error, as far as the scale reaches."""
    return max(scale.low, score - error), min(scale.high, score + error)


def _write(path: Path, columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as stream:
        SpreadsheetWriter(stream, columns).write(rows)
    return path
