"""Two corpora as one data set: one to learn from, the other to be evaluated on."""

from collections.abc import Iterator
from dataclasses import replace

from fercli.datasets.reader import Reader
from fercli.datasets.source import Source
from fercli.errors import DataError
from fercli.records import DataInfo, Record, Reject

LEARNED = ("train", "val")


class AcrossCorpora:
    """Reads `train` and `val` of one corpus and `test` of another, from a folder that holds both.

    Rows of other splits are ignored; they are no rejects. Ids, videos, sittings and the ids of rejects begin with the
    folder's name. Subjects do not, so that people who appear in both corpora are reported.

    Args:
        learned: reader of the corpus for training and for the choice of the epoch.
        evaluated: reader of the corpus for evaluation.
        folders: folder of `learned` and folder of `evaluated`, inside the raw folder.
    """

    def __init__(self, learned: Reader, evaluated: Reader, folders: tuple[str, str]):
        self.parts = ((learned, folders[0], LEARNED), (evaluated, folders[1], ("test",)))

    @property
    def info(self) -> DataInfo:
        """Facts about both releases; the expected numbers are those of the splits that are read of each."""
        (learned, *_), (evaluated, *_) = self.parts
        first, second = learned.info, evaluated.info
        expected: dict[str, int] = {}
        for reader, _, splits in self.parts:
            numbers = reader.info.extra.get("expected_videos", {})
            expected |= {split: numbers[split] for split in splits if split in numbers}
        return DataInfo(
            f"{first.name}_to_{second.name}",
            f"{first.title} to {second.title}",
            f"{first.title}: {first.licence}; {second.title}: {second.licence}",
            first.classes,
            notes=(*first.notes, *second.notes),
            extra=second.extra | {"expected_videos": expected},
        )

    def read(self, source: Source) -> Iterator[Record | Reject]:
        """Yield every row of the splits that are read, as a record or as a reject.

        Raises:
            DataError: the raw data are not a folder, or one of the two folders is missing.
        """
        for reader, folder, splits in self.parts:
            if not (source.path / folder).is_dir():
                raise DataError(
                    f"expected the folders {' and '.join(name for _, name, _ in self.parts)} in {source.path}, each "
                    f"one corpus unpacked; found no folder {folder}"
                )
            with Source(source.path / folder) as corpus:
                for row in reader.read(corpus):
                    if isinstance(row, Reject):
                        if row.split in (*splits, ""):
                            yield replace(row, id=f"{folder}/{row.id}")
                    elif row.split in splits:
                        yield _named(row, folder, corpus.prefix)


def _named(row: Record, folder: str, prefix: str) -> Record:
    return replace(
        row,
        id=f"{folder}/{row.id}",
        image=f"{folder}/{prefix}{row.image}" if isinstance(row.image, str) else row.image,
        video=row.video and f"{folder}/{row.video}",
        session=row.session and f"{folder}/{row.session}",
    )
