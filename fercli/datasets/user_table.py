"""Tables that somebody writes for one command, such as folds or predictions: a CSV or Parquet file, read as text."""

import hashlib
import io
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fercli.datasets.readers.csv_rows import rows_of
from fercli.datasets.text import UNDEFINED_AS_LATIN1, encoding_of
from fercli.errors import DataError, printable, reading

if TYPE_CHECKING:
    import pandas as pd

MOST_LISTED = 20


@dataclass(frozen=True)
class UserTable:
    """A table, and what of it could not be read.

    Attributes:
        frame: cells as text, without spaces around them.
        odd_lines: numbers of the lines that have more cells than the header.
        sha256: of the file.
    """

    frame: "pd.DataFrame"
    odd_lines: tuple[int, ...]
    sha256: str

    @property
    def listed(self) -> str:
        """The names of the columns, for messages."""
        return ", ".join(printable(str(name))[:80] for name in self.frame.columns[:MOST_LISTED])

    def require_whole_lines(self, path: Path) -> None:
        """Raise DataError if a line has more cells than the header."""
        if self.odd_lines:
            raise DataError(
                f"expected at most as many cells in each line of {path} as in its header; line {self.odd_lines[0]} has "
                "more. Look for a separator inside of a cell"
            )


def read_user_table(path: Path, holding: str, names: Iterable[str]) -> UserTable:
    """Read a table. A CSV may have commas, semicolons or tabs between its cells, and is UTF-8, UTF-16 or Windows-1252.

    A cell that a short line lacks is empty. Read numbers with `readers.numbers.number` or
    `number_or_nan`, which take decimal commas.

    Args:
        holding: what it holds, for messages, such as "folds".
        names: names of columns in lower case. The file may write them with capitals.

    Raises:
        DataError: the file is damaged or empty, or has two columns of one name.
    """
    import pandas as pd  # slow to import

    content = path.read_bytes()
    odd: list[int] = []
    with reading(path, f"a CSV or Parquet table of {holding}", remedy="write it again"):
        if path.suffix == ".parquet":
            frame = pd.read_parquet(io.BytesIO(content)).astype(str)
        else:
            encoding, _ = encoding_of(io.BytesIO(content))
            stream = io.TextIOWrapper(io.BytesIO(content), encoding, errors=UNDEFINED_AS_LATIN1, newline="")
            rows = list(rows_of(stream, str(path)))
            if not rows:
                raise DataError(f"expected a table of {holding} in {path}; found an empty file")
            (_, header), *body = rows
            while header and not header[-1]:  # a separator at the end of the line
                header = header[:-1]
            width = len(header)
            odd = [line for line, cells in body if any(cells[width:])]
            whole = [(cells + [""] * width)[:width] for _, cells in body if not any(cells[width:])]
            frame = pd.DataFrame(whole, columns=header, dtype=str)
    known = set(names)
    frame.columns = [name.lower() if name.lower() in known else name for name in map(str.strip, map(str, frame))]
    if twice := [printable(name)[:80] for name, number in Counter(frame.columns).items() if number > 1]:
        raise DataError(f"expected each column once in {path}; found {', '.join(twice[:MOST_LISTED])} more than once")
    return UserTable(frame.apply(lambda column: column.str.strip()), tuple(odd), hashlib.sha256(content).hexdigest())
