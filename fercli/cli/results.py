"""Results of one run for the terminal."""

from typing import Any

from rich.console import Group
from rich.text import Text

from fercli.metrics.divergence import diverged_in_words
from fercli.printed_protocol import epoch_in_words
from fercli.published.numbers import reconstruction
from fercli.runs.recorded import recorded_protocol
from fercli.screening.tables import short_table
from fercli.tables.classes import in_common_in_words
from fercli.tables.groups import group_tables
from fercli.tables.meter import meter_table
from fercli.tables.noise import noise_in_words
from fercli.tables.run import metrics_table, not_computed_in_words
from fercli.tables.terminal import TerminalTable
from fercli.tables.twins import together_in_words
from fercli.tables.votes import agreement_in_words


def result_tables(result: dict[str, Any], on_all: dict[str, Any] | None = None) -> Group:
    """Return the numbers of a `metrics.json` with intervals; the selection meter and the screening, if it has them.

    Args:
        on_all: the `metrics.json` of the evaluation on all classes, if there is one.
    """
    protocol = recorded_protocol(result)
    samples = f"samples of {protocol.split}" if " " in protocol.split else f"{protocol.split} samples"
    title = (
        f"{result['method']} on {result['data']['name']}, seed {result['seed']}: "
        f"{result['num_rows']:,} {samples}, {epoch_in_words(protocol)}"
    )
    constants, notes = result.get("constant_predictor"), diverged_in_words(result)
    notes += reconstruction(result["method"])
    notes += [result["classifier"]["about"]] if "classifier" in result else []
    notes += [agreement_in_words(result["votes"])] if "votes" in result else []
    notes += [noise_in_words(result["noise"])] if "noise" in result else []
    notes += [together_in_words(result["near_duplicates"])] if "near_duplicates" in result else []
    notes += in_common_in_words(result) + not_computed_in_words(result)
    numbers = metrics_table(result["metrics"], title, constants, notes, result.get("without_twins"), on_all)
    screening = short_table(result["screening"]) if "screening" in result else None
    found = [numbers, meter_table(result), screening, *group_tables(result)]
    shown = [part for table in found if table is not None for part in (TerminalTable(table), Text())]
    return Group(*shown[:-1])
