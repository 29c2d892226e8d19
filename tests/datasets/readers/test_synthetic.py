import pytest

from fercli.datasets.readers.synthetic import Synthetic
from fercli.datasets.source import Source
from fercli.errors import ConfigError, DataError
from fercli.records import Record, Reject
from fercli.taxonomy import EXPRESSIONS

OPTIONS = {"num_faces": 24, "seed": 1, "size": 48, "num_subjects": 10}


@pytest.fixture(scope="module")
def raw(tmp_path_factory):
    folder = tmp_path_factory.mktemp("synthetic") / "raw"
    Synthetic(**OPTIONS).prepare(folder)
    return folder


def test_every_face_is_read_with_all_its_labels(raw):
    records = list(Synthetic(**OPTIONS).read(Source(raw)))
    assert len(records) == 24
    for record in records:
        assert isinstance(record, Record)
        assert record.expression in EXPRESSIONS
        assert sum(record.votes) == 10
        assert record.landmarks.shape == (68, 2)
        assert (raw / record.image).is_file()
        assert None not in (record.valence, record.arousal, record.age, record.subject)
    assert {record.split for record in records} == {"train", "val", "test"}


def test_prepare_leaves_a_whole_folder_as_it_is(raw):
    before = {file: file.stat().st_mtime_ns for file in raw.rglob("*")}
    Synthetic(**OPTIONS).prepare(raw)
    assert {file: file.stat().st_mtime_ns for file in raw.rglob("*")} == before


def test_prepare_tells_when_the_faces_were_drawn_otherwise(raw):
    with pytest.raises(DataError, match=r"num_faces=99, seed=3.*found one drawn with num_faces=24, seed=1"):
        Synthetic(**{**OPTIONS, "num_faces": 99, "seed": 3}).prepare(raw)


def test_prepare_leaves_a_zip_to_the_reader(tmp_path):
    archive = tmp_path / "raw.zip"
    archive.write_bytes(b"")
    Synthetic(**OPTIONS).prepare(archive)
    assert archive.read_bytes() == b""


def test_seven_classes(tmp_path):
    reader = Synthetic(**OPTIONS, num_classes=7, balance="balanced")
    reader.prepare(tmp_path)
    records = list(reader.read(Source(tmp_path)))
    assert reader.info.classes == EXPRESSIONS[:7]
    assert {record.expression for record in records} == set(EXPRESSIONS[:7])
    assert {len(record.votes) for record in records} == {7}


def test_damage_is_counted(tmp_path):
    reader = Synthetic(**OPTIONS)
    reader.prepare(tmp_path)
    header, first, second, third, *rest = (tmp_path / "labels.csv").read_text().splitlines()
    (tmp_path / first.split(",")[1]).unlink()
    second = second.replace(second.split(",")[3], "boredom")
    (tmp_path / "labels.csv").write_text("\n".join([header, first, second, *rest]))
    rejects = [entry for entry in reader.read(Source(tmp_path)) if isinstance(entry, Reject)]
    assert sorted(reject.reason for reject in rejects) == [
        "image file missing",
        "image without label row",
        "unknown label",
    ]
    assert third.split(",")[1] in {reject.id for reject in rejects}


def test_number_of_classes_is_checked():
    with pytest.raises(ConfigError, match="7 or 8 classes; found num_classes=6"):
        Synthetic(num_classes=6)
