"""Print where one cell of a study comes from."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fercli.studies.grid import Plan


def print_explanation(plan: "Plan", row: str, column: str, json: bool) -> None:
    """Print the number, the published line beside it, and for each run its folder, its origin and its command."""
    from fercli.cli.printing import print_json, tell
    from fercli.studies.aggregate import read_results
    from fercli.studies.explain import explain
    from fercli.tables.layout import number

    found = explain(read_results(plan), row, column)
    if json:
        print_json(found.document())
        return
    tell(f"{found.study}: {found.row}, {found.label}")
    tell(f"  {found.printed}")
    for note in found.notes:
        tell(f"  {note}")
    for line in found.published:
        tell(f"\npublished   {line['value']:g} {line['unit']}: {line['method']}, {line['reference']}")
        tell(f"  table     {line['table']} (data/published/{line['file']})")
        tell(f"  protocol  {line['protocol']}")
        if line["notes"]:
            tell(f"  notes     {line['notes']}")
    for origin in found.origins:
        value = origin.state if origin.value is None else number(origin.value, found.decimals)
        fold = "" if origin.fold is None else f"fold {origin.fold:<7}"
        tell(f"\nseed {origin.seed:<7}{fold}{value}")
        facts = {
            "run": origin.run,
            "commit": origin.commit or "not known",
            "data": f"{origin.data}, fingerprint {origin.fingerprint}" if origin.data else "",
            "versions": ", ".join(f"{name} {version}" for name, version in origin.versions.items()),
            "hardware": origin.hardware,
            "repeat": origin.command,
        }
        for doubt in origin.doubts:
            tell(f"  WARNING   {doubt}")
        for label, fact in facts.items():
            if fact:
                tell(f"  {label:<10}{fact}")
