"""What one `fercli predict` did, for its messages and figures."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fercli.inference.explained import Explained
from fercli.inference.strip import MOST_DRAWN, Strip
from fercli.inference.watch import Watched

MOST_PRINTED = 10  # faces of images whose predictions the terminal shows


@dataclass
class Account:
    """The results of one `fercli predict`.

    Attributes:
        num_pictures: number of images and video frames.
        num_by_middle: number of images without a face whose middle a run predicted instead.
        num_unknown: faces of videos that were seen too shortly to be a person.
        failed: files that could not be read, with the reason.
        written: files, the tables first.
        seconds: for reading, finding faces, predicting and writing.
        notes: file to what was wrong with it, though it could be predicted.
        unlike: name of each run to what its training faces do not show, but most of these do.
        watched: the monitor of each (source, person).
        silence: for each watched person without a window, why.
        explained: faces for Grad-CAM; none where it is not asked for.
        strips: moments of each (source, person), for the first people of each video.
        people: of the videos, with their mean scores.
        seconds_of_people: mean scores of each person in each second, as `over-time.csv` has them.
        images: source, number of the face and lines of each run, for the first faces of images.
        num_known_again: people who were known again after they had been out of sight.
        appearance: by what people are known again; empty without a video.
        dropped: frames of the camera that were not predicted.
    """

    num_pictures: int = 0
    num_faces: int = 0
    num_without_face: int = 0
    num_by_middle: int = 0
    num_unknown: int = 0
    failed: dict[str, str] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    written: list[Path] = field(default_factory=list)
    seconds: float = 0.0
    unlike: dict[str, list[str]] = field(default_factory=dict)
    watched: dict[tuple[str, str], Watched] = field(default_factory=dict)
    silence: list[str] = field(default_factory=list)
    explained: Explained = field(default_factory=Explained)
    strips: dict[tuple[str, str], Strip] = field(default_factory=dict)
    people: list[dict[str, Any]] = field(default_factory=list)
    seconds_of_people: list[dict[str, Any]] = field(default_factory=list)
    images: list[tuple[str, int, list[str]]] = field(default_factory=list)
    num_known_again: int = 0
    appearance: str = ""
    dropped: int = 0

    @property
    def alerts(self) -> dict[str, dict[str, list[str]]]:
        """Source to person to the names of the alerts that the monitor gave; without people who had no window."""
        found: dict[str, dict[str, list[str]]] = {}
        for (source, name), one in self.watched.items():
            if one.windows.values:
                found.setdefault(source, {})[name] = sorted(one.alerts)
        return found

    def strip(self, source: str, name: str) -> Strip | None:
        """Return the strip of a person; None if the video has strips of enough people already."""
        key = (source, name)
        if key not in self.strips and sum(of == source for of, _ in self.strips) < MOST_DRAWN:
            self.strips[key] = Strip()
        return self.strips.get(key)

    def note(self, name: str, told: Sequence[str]) -> None:
        """Add to the notes on a file that could be predicted; empty texts are left out."""
        if any(told):
            self.notes[name] = "; ".join(filter(None, [self.notes.get(name, ""), *told]))
