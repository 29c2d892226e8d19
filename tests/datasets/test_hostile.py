"""A store keeps text of data as it is, and takes no path for a name."""

import shutil

import pyarrow as pa
import pytest
from hypothesis import assume, given

from fercli.datasets.shards import storable, write_shard
from fercli.datasets.store import NAME, Store
from fercli.errors import DataError
from tests.datasets.conftest import gray
from tests.hostile import OBEYED, few, file_names, texts
from tests.stores import describe

COLUMNS = ("id", "expression", "subject", "video", "session", "gender", "race", "role")


@few
@given(texts, file_names)
def test_every_column_of_a_store_gives_its_text_back(tmp_path, name, file):
    shards = tmp_path / "shards"
    shutil.rmtree(shards, ignore_errors=True)
    shards.mkdir()
    rows = [dict.fromkeys(COLUMNS, text) | {"split": "train", "image": gray(0)} for text in (name, storable(file))]
    write_shard(shards, 0, rows, [])
    with pa.ipc.open_file(shards / "00000.arrow") as reader:
        assert reader.read_all().select([*COLUMNS]).to_pylist() == [
            dict.fromkeys(COLUMNS, text) for text in (name, storable(file))
        ]


@few
@given(texts)
def test_a_store_keeps_its_classes_and_refuses_a_name_that_is_a_path(tmp_path, name):
    store = describe(tmp_path / "store", name="toy", classes=[name])
    assert Store(store).classes == (name,)
    assume(not NAME.fullmatch(name))
    describe(store, name=name)
    with pytest.raises(DataError, match="expected letters, digits, _ and -") as error:
        Store(store)
    assert not OBEYED.search(str(error.value))
