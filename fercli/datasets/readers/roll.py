"""Match the rows of label files with image files."""

import posixpath
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import cached_property
from urllib.parse import unquote

from fercli.datasets.readers.media_names import is_video
from fercli.datasets.shards import storable
from fercli.datasets.source import Source
from fercli.records import Record, Reject


class Roll:
    """Matches label rows with image files: each row must name one image, and each image must have a row.

    Args:
        images: image or video files that should have a row.
    """

    def __init__(self, source: Source, images: Iterable[str] = ()):
        self.source = source
        self.unnamed = dict.fromkeys(images)
        self.ids: set[str] = set()

    @cached_property
    def _by_form(self) -> dict[str, str]:
        """Names of files by `formless` name; empty where several files share a `formless` name."""
        forms: dict[str, str] = {}
        for name in self.source.names():
            form = formless(name)
            forms[form] = "" if form in forms else name
        return forms

    def find(self, *names: str) -> str:
        """Return the first name that a file has; else the name of a file that differs in form only; else `names[0]`.

        Names differ in form only if they differ in backslashes, `./`, capitals, `%20` for a space, or in how Unicode
        writes an accent.
        """
        for name in names:
            if self.source.exists(name):
                return name
        for name in names:
            found = next(filter(self.source.exists, _forms(name)), None) or self._by_form.get(formless(name))
            if found:
                self.source.count("names of images differ from those of the files in form only", f"{name} for {found}")
                return found
        return names[0]

    def enter(self, record: Record) -> Record | Reject:
        """Return the record with the actual name of its image file; or a reject for a repeated id or a missing file."""
        if isinstance(record.image, str):
            record = replace(record, image=self.find(record.image))
        self.strike(record)
        if record.id in self.ids:
            return left_out(record, "duplicate id")
        self.ids.add(record.id)
        if isinstance(record.image, str) and not self.source.exists(record.image):
            reason = self.source.refused.get(
                record.image, f"{_kind(record.image, record.frame is not None)} file missing"
            )
            return left_out(record, reason, record.image)
        return record

    def strike(self, record: Record) -> None:
        """Note that the image of a record has a row, also where the row is left out."""
        if isinstance(record.image, str):
            self.unnamed.pop(record.image, None)

    def without_row(self, split: Callable[[str], str]) -> Iterator[Reject]:
        """Yield a reject for each image that no row has named; `split` returns the split for an image's name."""
        for image in self.unnamed:
            yield Reject(image, split(image), "", f"{_kind(image)} without label row")


def _forms(name: str) -> Iterator[str]:
    written = name.replace("\\", "/")
    yield from (written, unquote(written))
    yield from (unicodedata.normalize(form, written) for form in ("NFC", "NFD"))


def formless(name: str) -> str:
    """Return a name in one standard form: two names with the same result are one name, written by different systems."""
    plain = posixpath.normpath(unquote(name).replace("\\", "/"))
    return unicodedata.normalize("NFC", plain.casefold())


def _kind(name: str, has_frames: bool = False) -> str:
    return "video" if has_frames or is_video(name) else "image"


def left_out(record: Record, reason: str, detail: str = "") -> Reject:
    """Return the reject that replaces a record."""
    file = storable(record.image) if isinstance(record.image, str) else ""
    return Reject(record.id, record.split, record.expression or "", reason, storable(detail), file)
