"""The options of a run that goes on from a finished run with more epochs."""

from collections.abc import Sequence

from fercli.errors import ConfigError, RunError, printable, reading
from fercli.runs.folder import PUT_BACK, RunFolder

MOST_BYTES = 1 << 20
OWN = ("init", "trainer.max_epochs")  # options of the finished run that the new one does not take over


def more_epochs(overrides: Sequence[str], epochs: int) -> list[str]:
    """Return the options of the run that `init` names, changed by those that are given, for so many epochs.

    Args:
        overrides: as they are typed; `init=<run>` is one of them.
        epochs: number of epochs of the new training.

    Raises:
        ConfigError: no `init` is given, or the number of epochs twice.
        RunError: the options of the run cannot be read, or could build code of others.
    """
    given = {_key(word): word for word in overrides}
    if "init" not in given:
        raise ConfigError("expected init=<run> with --epochs: the finished run that is trained for more epochs")
    if "trainer.max_epochs" in given:
        raise ConfigError("expected --epochs or trainer.max_epochs, found both")
    run = RunFolder.existing(given["init"].partition("=")[2].strip("'\""))
    kept = {key: word for key, word in _recorded(run).items() if key not in OWN}
    return [*(kept | given).values(), f"trainer.max_epochs={epochs}"]


def _recorded(run: RunFolder) -> dict[str, str]:
    file = run.path / "overrides.txt"
    run.require_sound(file)
    with reading(file, "the options of a run", error=RunError, remedy=PUT_BACK):
        if file.stat().st_size > MOST_BYTES:
            raise ValueError(f"more than {MOST_BYTES:,} bytes")
        words = [line for line in file.read_text("utf-8").splitlines() if line]
    for word in words:
        if "_target_" in word or "${" in word:
            raise RunError(
                f"{file} has the option '{printable(word[:200])}', which could build code of others; if you know it, "
                "type all options yourself, with trainer.max_epochs in place of --epochs"
            )
    return {_key(word): word for word in words}


def _key(word: str) -> str:
    return word.lstrip("+~").partition("=")[0].partition("@")[0]
