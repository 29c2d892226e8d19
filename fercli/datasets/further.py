"""Further columns of a raw data set, such as `site`: `columns.parquet` of a store. No training reads them.

The file has a column `id`, and a column of texts for each further column; null where a row has no value. A store
without further columns has no such file.
"""

from collections.abc import Iterable
from io import BytesIO
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from fercli.checksums import require_sound
from fercli.errors import DataError, reading
from fercli.records import Record

FILE = "columns.parquet"
REMEDY = "preprocess the data set again into the same folder: sound shards are kept"


def encoded(records: Iterable[Record]) -> bytes | None:
    """Return the content of the file for the rows of a store; None where no row has a further column."""
    rows = [{"id": record.id} | {f"_{name}": text for name, text in record.more} for record in records]
    names = sorted({name for row in rows for name in row} - {"id"})
    if not names:
        return None
    sink = pa.BufferOutputStream()
    schema = pa.schema([(name, pa.string()) for name in ("id", *names)])
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), sink)
    return sink.getvalue().to_pybytes()


def read(store: Path, ids: np.ndarray) -> dict[str, np.ndarray]:
    """Return the further columns by name, (N,) texts or None, for the rows with these ids; empty without the file.

    Raises:
        DataError: the file is damaged.
    """
    file = store / FILE
    if not file.is_file():
        return {}
    require_sound(store, [FILE], error=DataError, remedy=REMEDY)
    with reading(file, "the further columns of a store", remedy=REMEDY):
        table = pq.read_table(BytesIO(file.read_bytes()))
        place = {name: row for row, name in enumerate(table.column("id").to_pylist())}
        rows = [place[name] for name in ids]
        return {
            name.removeprefix("_"): table.column(name).to_numpy(zero_copy_only=False)[rows]
            for name in table.column_names
            if name != "id"
        }
