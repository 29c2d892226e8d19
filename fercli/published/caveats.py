"""What a reader of a run's numbers must know, in sentences."""

from collections.abc import Mapping
from typing import Any

from fercli.metrics.divergence import diverged_in_words
from fercli.published.numbers import reconstruction
from fercli.runs.recorded import recorded_protocol
from fercli.tables.twins import together_in_words, twins_in_words


def caveats(result: Mapping[str, Any]) -> list[str]:
    """Return sentences that a reader of the numbers must know.

    Args:
        result: content of a `metrics.json`.
    """
    notes = [
        *diverged_in_words(result),
        "One seed: the intervals do not contain the chance of another training.",
        *reconstruction(result["method"]),
    ]
    if "external" in result:
        notes.append("Predictions of others: fercli did not train this network, and the protocol is what they say.")
        if missing := result["external"]["left_out"].get("missing"):
            notes.append(f"{missing:,} row{'s'[: missing != 1]} of the store without a prediction: not in the numbers.")
    if result.get("without_twins", {}).get("num_twins"):
        notes.append(twins_in_words(result["without_twins"]))
    if "near_duplicates" in result:
        shared = result.get("without_twins", {}).get("num_twins")
        notes.append(together_in_words(result["near_duplicates"], shared))
    if recorded_protocol(result).selection == "reported split":
        notes.append("The epoch was chosen on the samples that the numbers are reported on.")
    if result["protocol"]["budget"] != "full":
        notes.append(
            f"Budget '{result['protocol']['budget']}': a shortened training, not comparable with published numbers."
        )
    if attention := result.get("attention"):
        notes.append(
            f"Attention weights: {attention['mean']:.3f} on average, {attention['min']:.3f} to {attention['max']:.3f}; "
            "mean cosine of two samples of one class minus that of two samples of different classes: "
            f"{attention['cosine_difference']:.3f}."
        )
    return notes
