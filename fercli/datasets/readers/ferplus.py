"""FER+: the FER2013 photographs with the votes of ten annotators (Barsoum et al. 2016, arXiv 1608.01041)."""

from collections.abc import Iterator, Sequence
from itertools import zip_longest

from fercli.datasets.readers.csv_rows import csv_rows
from fercli.datasets.readers.fer2013 import USAGES, pixels
from fercli.datasets.readers.media_names import image_names
from fercli.datasets.readers.named_rows import named_rows
from fercli.datasets.readers.numbers import whole_number
from fercli.datasets.readers.roll import Roll, left_out
from fercli.datasets.source import Source
from fercli.errors import ConfigError, DataError, choose
from fercli.records import DataInfo, Record, Reject
from fercli.taxonomy import EXPRESSIONS

FOLDERS = {"FER2013Train": "train", "FER2013Valid": "val", "FER2013Test": "test"}
VOTED = ("neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt", "unknown", "nf")
REASONS = {"unknown": "majority is unknown", "nf": "majority is NF", None: "no majority class"}
LABELS = ("majority", "votes")


class FERPlus:
    """Reads FER+ as image folders with a `label.csv` each, or as `fer2013new.csv` beside `fer2013.csv`.

    The defaults are those of the authors' own code, with which published numbers are computed: 25,045 training and
    3,191 validation images have a majority. `min_votes=1, min_share=0` keeps every image on which one class has the
    most votes: 26,940 and 3,396. The additional images are hard.

    Args:
        labels: `majority` leaves out rows without a majority class. `votes` keeps every row with a vote for one of the
            eight classes; the expression is missing where no class has the majority.
        min_votes: an answer with fewer votes counts as having none when the majority is computed.
        min_share: share of the counted votes that the majority must exceed, in [0, 1).
    """

    info = DataInfo(
        name="ferplus",
        title="FER+",
        licence="annotations MIT; photographs as FER2013: research use, rights not cleared",
        classes=EXPRESSIONS,
        extra={"annotators": 10},  # of every image but one, which has 9; answers of unknown and NF are among them
    )

    def __init__(self, labels: str = "majority", min_votes: int = 2, min_share: float = 0.5):
        choose("labels", labels, LABELS, " for FER+")
        if not 0 <= min_share < 1:
            raise ConfigError(f"expected min_share in [0, 1); found {min_share}")
        self.labels = labels
        self.min_votes = min_votes
        self.min_share = min_share

    def protocol(self, source: Source) -> dict[str, str]:
        """Return how the labels are made, with the options where they differ from those of the authors' code."""
        if self.labels == "votes":
            return {"labels": "all votes"}
        counting = f", at least {self.min_votes} votes, share above {self.min_share:g}"
        return {"labels": "majority of votes" + ("" if (self.min_votes, self.min_share) == (2, 0.5) else counting)}

    def read(self, source: Source) -> Iterator[Record | Reject]:
        """Yield every row of every split that is present.

        Raises:
            DataError: neither form is there, a label file is missing, or the two CSV files name different images.
        """
        folders = [folder for folder in FOLDERS if source.names(f"{folder}/*")]
        if folders:
            for folder in folders:
                yield from self._read_folder(source, folder)
        else:
            yield from self._read_csv(source)

    def _read_folder(self, source: Source, folder: str) -> Iterator[Record | Reject]:
        split = FOLDERS[folder]
        roll = Roll(source, image_names(source, f"{folder}/"))
        for line, (name, *cells) in csv_rows(source, source.find(f"{folder}/label.csv")):
            record = roll.enter(Record(name.removesuffix(".png"), split, f"{folder}/{name}"))
            yield self._labelled(record, cells[1:], f"line {line} of {folder}/label.csv: {name}, {', '.join(cells)}")
        yield from roll.without_row(lambda _: split)

    def _read_csv(self, source: Source) -> Iterator[Record | Reject]:
        votes_file = source.find("fer2013new.csv", "FER2013Train/label.csv")
        pixels_file = source.find("fer2013.csv")
        roll = Roll(source)
        votes_rows = named_rows(source, votes_file, ("usage", "image name", *VOTED))
        pixels_rows = named_rows(source, pixels_file, ("usage", "pixels"))
        for (line, votes), (pixels_line, face) in zip_longest(votes_rows, pixels_rows, fillvalue=(None, None)):
            place = f"line {line} of {votes_file}, line {pixels_line} of {pixels_file}"
            if line is None or pixels_line is None or (votes and face and votes["usage"] != face["usage"]):
                raise DataError(f"expected the same images row by row in {source.path}; found others in {place}")
            if votes is None or face is None:
                yield Reject(place, "", "", "malformed row", place)
                continue
            split = USAGES.get(votes["usage"].lower(), "")
            name = votes["image name"].removesuffix(".png")
            image = pixels(face["pixels"])
            if not split:
                yield Reject(name or place, "", "", "unknown split", votes["usage"])
            elif not name:
                yield Reject(place, split, "", "removed by the release")
            elif image is None:
                yield Reject(name, split, "", "malformed row", f"{place}: expected 2304 pixels in 0..255")
            else:
                yield self._labelled(roll.enter(Record(name, split, image)), [votes[key] for key in VOTED], place)

    def _labelled(self, entry: Record | Reject, cells: Sequence[str], place: str) -> Record | Reject:
        if isinstance(entry, Reject):
            return entry
        counts = [count for count in map(whole_number, cells) if count is not None]
        if len(cells) != len(VOTED) or len(counts) != len(cells):
            return left_out(entry, "malformed row", place)
        votes = dict(zip(VOTED, counts, strict=True))
        answer = self._majority(votes)
        by_class = tuple(float(votes[name]) for name in EXPRESSIONS)
        detail = ", ".join(f"{count} {name}" for name, count in votes.items() if count)
        if self.labels == "majority" and answer in REASONS:
            return left_out(entry, REASONS[answer], detail)
        if not any(by_class):
            return left_out(entry, "no vote for a class", detail)
        expression = None if answer in REASONS else answer
        return Record(entry.id, entry.split, entry.image, expression=expression, votes=by_class)

    def _majority(self, votes: dict[str, int]) -> str | None:
        counted = {name: count for name, count in votes.items() if count >= max(self.min_votes, 1)}
        most = max(counted.values(), default=0)
        winners = [name for name, count in counted.items() if count == most]
        return winners[0] if len(winners) == 1 and most > self.min_share * sum(counted.values()) else None
