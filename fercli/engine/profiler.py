"""Lightning's profilers of a training: their choice, and the reports that they leave in the run folder."""

from pathlib import Path

from pytorch_lightning.profilers import AdvancedProfiler, Profiler, PyTorchProfiler, SimpleProfiler

from fercli.runs.folder import RunFolder

PROFILERS: dict[str, type[Profiler]] = {
    "simple": SimpleProfiler,
    "advanced": AdvancedProfiler,
    "pytorch": PyTorchProfiler,
}


def build_profiler(name: str | None, run: RunFolder) -> Profiler | None:
    """Return the profiler of this name, which writes its report when the training ends; it makes the folder then.

    Args:
        name: a key of `PROFILERS`; None for no profiler.
    """
    return None if name is None else PROFILERS[name](run.profile, name)


def reports(name: str, run: RunFolder) -> list[Path]:
    """Return the reports of this profiler in the run folder; empty if the training was not profiled."""
    return sorted(run.profile.glob(f"*{name}*.txt"))
