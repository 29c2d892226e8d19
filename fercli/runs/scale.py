"""The scale of severity of a finished run."""

from fercli.runs.folder import RunFolder
from fercli.scales import Scale, recorded


def scale_of_run(run: RunFolder) -> Scale:
    """Return the scale of the scores that a run predicts; that of the BDI-II for a run that records none.

    Raises:
        RunError: `metrics.json` is damaged, or was changed by hand.
        DataError: the scale in it is damaged.
    """
    return recorded(run.read_metrics().get("data", {}).get("scale"), str(run.metrics))
