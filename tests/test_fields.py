"""Numbers that are labels are declared in one file, and everything else follows from it."""

from dataclasses import fields

import numpy as np

from fercli.batch import Batch, Labels
from fercli.datasets.store import SCHEMA
from fercli.fields import AFFECT, NUMBERS, OF_BATCH, SCHEMA_VERSION, BatchNumbers, LabelNumbers, RecordNumbers, joined
from fercli.metrics.metric import LABELS
from fercli.records import Record


def names(kind):
    return tuple(field.name for field in fields(kind))


def test_the_classes_have_the_numbers_that_are_declared():
    assert names(RecordNumbers) == tuple(NUMBERS)
    assert names(BatchNumbers) == names(LabelNumbers) == tuple(OF_BATCH)
    assert [name for columns in OF_BATCH.values() for name in columns] == list(NUMBERS)


def test_records_batches_stores_and_metrics_have_them():
    assert set(NUMBERS) <= set(names(Record))
    assert set(OF_BATCH) <= set(names(Batch)) & set(names(Labels))
    assert set(NUMBERS) <= set(SCHEMA.names)
    assert set(NUMBERS) <= set(LABELS)


def test_the_columns_of_this_schema_version():
    # Where this list changes, SCHEMA_VERSION is to be raised: older stores lack what is new, or mean something else.
    assert SCHEMA_VERSION == 4
    assert SCHEMA.names == [
        *("id", "split", "image", "context", "face_box", "face_found", "expression", "votes"),
        *("valence", "arousal", "score", "age", "intensity"),
        *("age_group", "gender", "race", "landmarks", "subject", "video", "session", "time", "role"),
    ]


def test_valence_and_arousal_are_one_field_of_a_batch():
    columns = {name: np.arange(3.0) + place for place, name in enumerate(NUMBERS)}
    found = joined(columns)
    np.testing.assert_array_equal(found["affect"], [[0, 1], [1, 2], [2, 3]])
    np.testing.assert_array_equal(found["age"], [3, 4, 5])
    assert OF_BATCH["affect"] == AFFECT
