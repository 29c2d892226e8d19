"""Tables that people write by hand or save from a spreadsheet: predictions, events, names, folds, noisy labels."""

import csv
import io
import re
from collections.abc import Sequence
from typing import IO, TYPE_CHECKING

from fercli.datasets.text import UNDEFINED_AS_LATIN1, encoding_of

if TYPE_CHECKING:
    import pandas as pd

SEPARATORS = ",;\t"


def separator(stream: IO[str]) -> tuple[str, list[str]]:
    """Return the separator of a CSV, and the lines that were read from the stream to find it, without `sep=`.

    It is the comma, semicolon or tab: the one that divides the first line into the most cells. A line `sep=;` above the
    header, as spreadsheets write it, decides instead.
    """
    blank: list[str] = []
    while (first := stream.readline()) and not first.strip():
        blank.append(first)
    told = re.fullmatch(r"sep=([,;\t])", first.strip("\r\n"), re.IGNORECASE)
    mark = told[1] if told else max(SEPARATORS, key=lambda mark: len(_cells(first, mark)))
    return mark, [*blank, "\n" if told else first]


def _cells(line: str, mark: str) -> Sequence[str]:
    return next(csv.reader([line], delimiter=mark, skipinitialspace=True), [])


def text_table(content: bytes) -> "pd.DataFrame":
    """Return a CSV as text, without spaces around names and cells; a cell that a short line lacks is empty.

    Separator and encoding are found as for the tables of `data=table`. Read numbers of it with `readers.numbers.number`
    or `numbers_of`, which take decimal commas. Whoever calls it names the file, by `errors.reading`.
    """
    import pandas as pd  # slow to import

    stream = io.StringIO(content.decode(encoding_of(io.BytesIO(content))[0], UNDEFINED_AS_LATIN1), newline="")
    mark, head = separator(stream)
    text = io.StringIO("".join(head) + stream.read(), newline="")
    frame = pd.read_csv(text, sep=mark, dtype=str, keep_default_na=False, skipinitialspace=True).fillna("")
    frame.columns = frame.columns.str.strip()
    return frame.apply(lambda column: column.str.strip())


def numbers_of(column: "pd.Series") -> "pd.Series":
    """Return the numbers in a column of text, also with a decimal comma; NaN for a cell that holds none."""
    import pandas as pd  # slow to import

    return pd.to_numeric(column.str.replace(",", ".", regex=False), errors="coerce").astype(float)
