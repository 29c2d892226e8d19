"""`fercli eval --alerts`: evaluate alerts of the monitor against labelled events."""

from dataclasses import asdict
from pathlib import Path
from typing import Any


def evaluate_alerts(alerts: Path, events: Path, json: bool) -> None:
    """Print false alarms an hour, delays and missed events; write each outcome and a figure beside the alerts."""
    from fercli.cli.console import Console
    from fercli.cli.printing import print_json, tell
    from fercli.figures.events import events_figure
    from fercli.figures.figure import save_figure
    from fercli.monitor.settings import NOTICE
    from fercli.screening.alert_files import alert_table, read_events, read_lines
    from fercli.screening.alerts import Outcome, alert_document
    from fercli.spreadsheet import SpreadsheetWriter
    from fercli.tables.terminal import TerminalTable

    labelled, lines = read_events(events, read_lines(alerts))
    document, outcomes = alert_document(lines, labelled)
    rows, figure = (alerts.parent / "monitor" / f"events.{ending}" for ending in ("csv", "png"))
    save_figure(events_figure(lines, labelled, outcomes), figure)
    with rows.open("w", encoding="utf-8", newline="") as stream:
        SpreadsheetWriter(stream, Outcome.__dataclass_fields__).write(map(_in_milliseconds, map(asdict, outcomes)))
    if json:
        print_json({"alerts": document, "written": [str(rows), str(figure)], "notice": NOTICE})
        return
    Console().print(TerminalTable(alert_table(document)))
    tell(NOTICE)
    print(rows)
    print(figure)


def _in_milliseconds(row: dict[str, Any]) -> dict[str, Any]:
    """Round times, of which a difference has digits that nobody measured."""
    return {name: round(value, 3) if isinstance(value, float) else value for name, value in row.items()}
