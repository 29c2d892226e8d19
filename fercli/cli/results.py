"""Results of one run for the terminal."""

from typing import Any

from rich.table import Table


def metrics_table(result: dict[str, Any]) -> Table:
    """The numbers of a `metrics.json`, with their intervals over samples."""
    protocol = result["protocol"]
    table = Table(
        title=f"{result['method']} on {result['data']['name']}, seed {result['seed']}: "
        f"{result['num_rows']:,} {protocol['split']} samples (selection: {protocol['selection']})"
    )
    for heading in ("metric", "value", "95 % interval"):
        table.add_column(heading, justify="left" if heading == "metric" else "right")
    for name, score in result["metrics"].items():
        table.add_row(name.replace("_", " "), f"{score['value']:.4f}", f"{score['low']:.4f} to {score['high']:.4f}")
    return table
