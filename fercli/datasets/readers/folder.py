"""Any images sorted into folders by split and class, as torchvision's ImageFolder expects them."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath

from fercli.datasets.readers.media_names import image_names
from fercli.datasets.readers.relabel import Relabel, records_last
from fercli.datasets.readers.splitting import drawn_rule, split_of
from fercli.datasets.source import Source
from fercli.errors import DataError, printable
from fercli.records import DataInfo, Record, Reject
from fercli.taxonomy import canonical


class Folder:
    """Reads `<split>/<class>/<image>`; or reads `<class>/<image>` and draws the splits.

    Folders of splits are called train or training, val, valid or validation, test or testing, in upper or lower case.
    Words for expressions become canonical. Without splits, 70 % train, 10 % val and 20 % test are drawn, stratified by
    class.

    Args:
        relabel: new class names by old ones, for example `{PAIN: pain, unknown: null}`; null leaves the rows out.
        seed: seed of the draw.
    """

    info = DataInfo(name="folder", title="Image folders", licence="as the data set's owner says")

    def __init__(self, relabel: Mapping[str, str | None] | None = None, seed: int = 0):
        self.relabel = relabel
        self.seed = seed

    def protocol(self, source: Source) -> dict[str, str]:
        """Return whether the splits are given or drawn."""
        paths = map(PurePosixPath, image_names(source))
        return {"split_rule": "folders of splits" if _has_splits(paths) else drawn_rule(self.seed)}

    def read(self, source: Source) -> Iterator[Record | Reject]:
        """Yield every image file.

        Raises:
            DataError: there is no image, or the folders of splits lie one level too deep.
            ConfigError: `relabel` names a class that no row has.
        """
        images = [PurePosixPath(name) for name in image_names(source)]
        if not images:
            expected = "expected images <split>/<class>/<image> or <class>/<image>"
            raise DataError(f"{expected} in {source.path}; found none{_instead(source)}")
        has_splits = _has_splits(images)
        if not has_splits and (
            deep := next((path for path in images if len(path.parts) > 2 and split_of(path.parts[1])), None)
        ):
            raise DataError(
                f"expected images <split>/<class>/<image> or <class>/<image> in {source.path}; found "
                f"{printable(str(deep))}, whose split is one folder too deep: give raw={source.path / deep.parts[0]}"
            )
        relabel = Relabel(self.relabel)
        yield from records_last(_rows(images, has_splits, relabel), relabel, None if has_splits else self.seed)


def _rows(images: Iterable[PurePosixPath], has_splits: bool, relabel: Relabel) -> Iterator[Record | Reject]:
    for path in images:
        split = split_of(path.parts[0]) or "" if has_splits else ""
        within = path.parts[1:] if has_splits else path.parts
        if has_splits and not split:
            yield Reject(str(path), "", "", "unknown split", path.parts[0])
        elif len(within) < 2:
            yield Reject(str(path), split, "", "no class folder")
        else:
            yield relabel(Record(str(path), split, str(path), expression=canonical(within[0])))


def _instead(source: Source) -> str:
    """Return the end of the message about a folder without images: what to do with what it holds."""
    if source.holds_videos:
        return ", but videos. Name them and their labels in a table, and give data=table"
    if any(name.lower().endswith(".parquet") for name in source.names()):
        return ", but parquet files. If they hold the images, give data=table 'data.reader.table=**/*.parquet'"
    return ""


def _has_splits(paths: Iterable[PurePosixPath]) -> bool:
    return any(split_of(path.parts[0]) for path in paths if len(path.parts) > 1)
