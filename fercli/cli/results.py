"""Results of one run for the terminal."""

from typing import Any

from fercli.protocol import epoch_in_words
from fercli.published.numbers import reconstruction
from fercli.runs.recorded import recorded_protocol
from fercli.tables.run import metrics_table
from fercli.tables.terminal import TerminalTable


def result_table(result: dict[str, Any]) -> TerminalTable:
    """Return the numbers of a `metrics.json`, with their intervals over samples."""
    protocol = recorded_protocol(result)
    title = (
        f"{result['method']} on {result['data']['name']}, seed {result['seed']}: "
        f"{result['num_rows']:,} {protocol.split} samples, {epoch_in_words(protocol)}"
    )
    constants, notes = result.get("constant_predictor"), reconstruction(result["method"])
    notes += [result["classifier"]["about"]] if "classifier" in result else []
    return TerminalTable(metrics_table(result["metrics"], title, constants, notes, result.get("without_twins")))
