"""Any images sorted into folders by split and class, as torchvision's ImageFolder has them."""

from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from fercli.datasets.readers.rows import image_names
from fercli.datasets.readers.splitting import drawn_rule, split_of, with_splits
from fercli.datasets.source import Source
from fercli.errors import DataError
from fercli.records import DataInfo, Record, Reject
from fercli.taxonomy import canonical


class Folder:
    """Reads `<split>/<class>/<image>`, or `<class>/<image>` and draws the splits.

    Splits are called train or training, val, valid or validation, test or testing, in any case. Words for expressions
    become canonical. Without splits, 70 % train, 10 % val and 20 % test are drawn, stratified by class.

    Args:
        seed: of the draw.
    """

    info = DataInfo(name="folder", title="Image folders", licence="as the data set's owner says")

    def __init__(self, seed: int = 0):
        self.seed = seed

    def protocol(self, source: Source) -> dict[str, str]:
        """Whether the splits are given or drawn."""
        paths = map(PurePosixPath, image_names(source))
        return {"split_rule": "folders of splits" if _has_splits(paths) else drawn_rule(self.seed)}

    def read(self, source: Source) -> Iterator[Record | Reject]:
        """Every image file.

        Raises:
            DataError: there is no image.
        """
        images = [PurePosixPath(name) for name in image_names(source)]
        if not images:
            raise DataError(f"expected images <split>/<class>/<image> or <class>/<image> in {source.path}; found none")
        has_splits = _has_splits(images)
        records = []
        for path in images:
            split = split_of(path.parts[0]) or "" if has_splits else ""
            within = path.parts[1:] if has_splits else path.parts
            if has_splits and not split:
                yield Reject(str(path), "", "", "unknown split", path.parts[0])
            elif len(within) < 2:
                yield Reject(str(path), split, "", "no class folder")
            else:
                records.append(Record(str(path), split, str(path), expression=canonical(within[0])))
        yield from records if has_splits else with_splits(records, self.seed)


def _has_splits(paths: Iterable[PurePosixPath]) -> bool:
    return any(split_of(path.parts[0]) for path in paths if len(path.parts) > 1)
