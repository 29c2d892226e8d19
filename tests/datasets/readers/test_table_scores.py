"""Tables with several questionnaires, and with dates."""

import re

import cv2
import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from fercli.cli.app import app
from fercli.datasets.readers.table import LabelTable
from fercli.datasets.source import Source
from fercli.datasets.store import Store
from fercli.errors import ConfigError, DataError
from fercli.scales import Scale


def write(folder, header, *rows, images):
    (folder / "labels.csv").write_text("\n".join([header, *rows]) + "\n")
    for name in images:
        (folder / name).touch()


GAD = {"column": "GAD", "name": "GAD-7", "high": 21}
BOTH = {"bdi_ii": "BDI", "phq9": "PHQ-9 total"}


def test_several_questionnaires_are_kept_with_their_scales_and_a_row_needs_one(tmp_path, reading):
    rows = ["a.png,14,6", "b.png,,27", "c.png,63,", "d.png,,", "e.png,3,28", "f.png,x,1"]
    write(tmp_path, "image,BDI,PHQ-9 total", *rows, images=[row[:5] for row in rows])
    reader = LabelTable(scores=BOTH)
    read = reading(reader, tmp_path)
    assert {name: dict(record.more) for name, record in read.records.items()} == {
        "a.png": {"bdi_ii": "14", "phq9": "6"},
        "b.png": {"phq9": "27"},
        "c.png": {"bdi_ii": "63"},
    }
    assert {record.score for record in read.records.values()} == {None}
    assert read.reasons == {"no label": 1, "value out of range": 1, "malformed row": 1}
    assert {name: scale.name for name, scale in reader.info.extra["questionnaires"].items()} == {
        "bdi_ii": "BDI-II",
        "phq9": "PHQ-9",
    }


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"scores": {"phq": "PHQ"}}, "no scale named 'phq' in data.reader.scores"),
        ({"scores": {"own": "PHQ"}}, "no scale named 'own' in data.reader.scores"),
        ({"scores": BOTH, "columns": {"score": "BDI"}}, "give data.reader.scores, or score"),
        ({"scores": {"phq9": GAD}}, "phq9 is the name of a scale of fercli: give its column alone"),
        ({"scores": {"GAD-7": GAD}}, "GAD-7: expected a name of small letters"),
        ({"scores": {"subject": GAD}}, "is no column of fercli"),
        ({"scores": {"gad7": {"column": "GAD", "name": "GAD-7"}}}, "gad7 lacks high: expected {gad7: {column: GAD"),
        ({"scores": {"gad7": GAD | {"hihg": 21}}}, "no key named 'hihg' in data.reader.scores.gad7"),
        ({"scores": {"gad7": GAD | {"cutoff": 99}}}, "gad7: expected scale.cutoff above 0 and at most 21"),
    ],
)
def test_questionnaires_that_do_not_fit_are_refused(options, said):
    with pytest.raises(ConfigError, match=re.escape(said)):
        LabelTable(**options)


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_scale_of_ones_own_is_one_of_several(tmp_path, form):
    """Prepared from either form, each questionnaire is chosen by its name, with its own range, bands and cut-off."""
    frame = pd.DataFrame({"image": [f"{i:02d}.png" for i in range(20)], "BDI": range(20), "GAD": [*range(19), np.nan]})
    frame["subject"] = [f"p{i % 10}" for i in range(20)]
    frame.to_csv(tmp_path / "labels.csv", index=False)
    if form == "xlsx":
        (tmp_path / "labels.csv").unlink()
        frame.to_excel(tmp_path / "labels.xlsx", index=False)
    for name in frame["image"]:
        cv2.imwrite(str(tmp_path / name), np.full((48, 48, 3), int(name[:2]), np.uint8))
    gad = "{column: GAD, name: GAD-7, high: 21, bands: {minimal: 0, mild: 5}, cutoff: 10}"
    options = [f"data.reader.table=labels.{form}", f"data.reader.scores={{bdi_ii: BDI, gad7: {gad}}}"]
    options += ["detector=none", "num_workers=0"]
    place = str(tmp_path / "store")
    arguments = ["preprocess", "data=table", f"raw={tmp_path}", f"store={place}", *options]
    CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert list(Store(place).questionnaires) == ["bdi_ii", "gad7"]
    chosen = Store(place, "gad7")
    assert chosen.scale == Scale("GAD-7", 21, bands={"minimal": 0, "mild": 5}, cutoff=10)
    order = np.argsort(chosen.column("id"))
    np.testing.assert_array_equal(chosen.column("score")[order], frame["GAD"])
    np.testing.assert_array_equal(Store(place, "bdi_ii").column("score")[order], frame["BDI"])


def test_a_check_says_how_to_read_a_second_questionnaire(tmp_path, reading):
    write(tmp_path, "image,bdi,phq9", "a.png,3,4", images=["a.png"])
    option = "'data.reader.scores={bdi_ii: bdi, phq9: phq9}'"
    with pytest.raises(DataError, match=f"Add {option}"):
        reading(LabelTable(), tmp_path)
    source = Source(tmp_path)
    list(LabelTable(columns={"score": "bdi"}).read(source))
    assert f"for several questionnaires: {option}" in "".join(source.remarks.values())


@pytest.mark.parametrize("cells", [["3.2.2024", "12.1.2024", "1.12.2023"], ["3/2/2024", "13/1/2024", "1/12/2023"]])
def test_sessions_of_a_person_are_in_the_order_of_their_dates(tmp_path, reading, cells):
    rows = [f"{i}.png,sad,p1,{day},visit {3 - i}" for i, day in enumerate(cells)]
    write(tmp_path, "image,expression,subject,date,session", *rows, images=[row[:5] for row in rows])
    sessions = [record.session for record in reading(LabelTable(), tmp_path).records.values()]
    assert sorted(sessions) == [sessions[2], sessions[1], sessions[0]]
    assert sessions[0] == "p1/2024-02-03 visit 3"


def test_a_date_alone_is_the_session_and_a_wrong_one_leaves_its_row_out(tmp_path, reading):
    write(
        tmp_path,
        "image,expression,subject,date",
        *["0.png,sad,p1,2024-01-05", "1.png,sad,p1,2024-01-32", "2.png,sad,p1,"],
        images=[f"{i}.png" for i in range(3)],
    )
    read = reading(LabelTable(), tmp_path)
    assert [record.session for record in read.records.values()] == ["p1/2024-01-05", None]
    assert read.reasons == {"malformed row": 1}


def test_dates_that_may_be_read_in_two_ways_are_refused(tmp_path, reading):
    write(tmp_path, "image,expression,date", "0.png,sad,03/04/2024", images=["0.png"])
    with pytest.raises(DataError, match=r"column date of labels.csv.*found 03/04/2024"):
        reading(LabelTable(), tmp_path)
