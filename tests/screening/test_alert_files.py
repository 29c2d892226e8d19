import pytest

from fercli.errors import ConfigError, DataError
from fercli.screening.alert_files import alert_table, read_events, read_lines
from fercli.screening.alerts import alert_document

ALERTS = "source,person,time,bipolar_alert\na,person 1,0,\na,person 1,1,False\na,person 1,2,True\nb,person 1,0,True\n"
HEAD = "source,alert,start,end\n"


@pytest.fixture
def files(tmp_path):
    """For the text of a file of events: the lines, and what is read of both files."""

    def read(events, alerts=ALERTS):
        (tmp_path / "alerts.csv").write_text(alerts)
        (tmp_path / "events.csv").write_text(events)
        return read_events(tmp_path / "events.csv", read_lines(tmp_path / "alerts.csv"))

    return read


def test_only_labelled_recordings_count_and_rows_without_a_window_do_not(files):
    events, lines = files(HEAD + "a,bipolar,1.5,3\n")
    assert [(line.source, line.time.tolist(), line.alerts["bipolar"].tolist()) for line in lines] == [
        ("a", [1, 2], [False, True])
    ]
    assert events[0].person == "person 1"


def test_a_recording_may_be_labelled_as_without_events(files):
    events, lines = files(HEAD + "b,,,\n")
    assert (events, [line.source for line in lines]) == ([], ["b"])


@pytest.mark.parametrize(
    ("events", "error", "words"),
    [
        ("source,start,end\na,1,2\n", DataError, "lacks alert"),
        (HEAD + "c,bipolar,1,2\n", ConfigError, "no recording named 'c'.*line 2"),
        (HEAD + "a,severity,1,2\n", ConfigError, "no alert named 'severity'"),
        (HEAD + "a,bipolar,3,2\n", DataError, "line 2: expected start and end"),
        (HEAD + "a,bipolar,one,2\n", DataError, "found 'one' and '2'"),
    ],
)
def test_unclear_events_are_refused(files, events, error, words):
    with pytest.raises(error, match=words):
        files(events)


def test_events_of_a_spreadsheet_are_read(files):
    (event,), _ = files("source;alert;start;end\na;bipolar;1,5;3\nb\n")
    assert (event.start, event.end) == (1.5, 3)


def test_a_folder_is_no_file_of_alerts(tmp_path):
    with pytest.raises(DataError, match=r"expected predictions\.csv of .*; found a folder in"):
        read_lines(tmp_path)


def test_a_table_without_alerts_is_refused(files):
    with pytest.raises(DataError, match="lacks <kind>_alert"):
        files(HEAD, "source,time\na,1\n")


def test_the_table_has_a_row_for_each_kind(files):
    events, lines = files(HEAD + "a,bipolar,1.5,3\n")
    (row,) = alert_table(alert_document(lines, events)[0]).blocks[0].rows
    assert (row.label, row.cells["missed"].value, row.cells["delay"].value) == ("bipolar", 0, 0.5)
