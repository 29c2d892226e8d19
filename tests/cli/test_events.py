import csv

import pandas as pd


def test_what_became_of_each_event_is_written_in_milliseconds(shell, tmp_path):
    time = [i * 0.1 for i in range(40)]
    rows = pd.DataFrame({"source": "a.mp4", "time": time, "bipolar_alert": [1.25 < second < 2.0 for second in time]})
    rows.to_csv(tmp_path / "predictions.csv", index=False)
    (tmp_path / "events.csv").write_text("source,alert,start,end\na.mp4,bipolar,0.8,3.9\n")
    outcome = shell("eval", "--alerts", tmp_path / "predictions.csv", "--events", tmp_path / "events.csv")
    assert outcome.status == 0
    assert str(tmp_path / "monitor" / "events.png") in outcome.out.splitlines()
    (row,) = csv.DictReader((tmp_path / "monitor" / "events.csv").open(encoding="utf-8"))
    assert (row["start"], row["end"], row["delay"]) == ("0.8", "3.9", "0.5")
