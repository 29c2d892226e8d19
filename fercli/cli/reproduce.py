"""`fercli reproduce`: train the runs of a pack again on this machine, and say whether the numbers are the same."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fercli.cli.arguments import Json

if TYPE_CHECKING:
    from fercli.studies.reproduce import Repetition


def reproduce(
    pack: Annotated[Path, typer.Argument(help="File that fercli pack wrote.", exists=True, dir_okay=False)],
    options: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[KEY=VALUE]...",
            help="Hardware and places here: trainer.devices=1, trainer.accelerator=cpu, passer.store=<folder>, "
            "backbone.weights=<file>, init=<run>.",
            show_default=False,
        ),
    ] = None,
    store: Annotated[
        list[Path] | None,
        typer.Option(help="Prepared data of this machine; repeat it for several data sets.", exists=True),
    ] = None,
    seed: Annotated[list[int] | None, typer.Option(help="Only this seed; may be repeated.")] = None,
    runs: Annotated[Path, typer.Option(help="Folder for the new runs.")] = Path("reproduced"),
    check: Annotated[bool, typer.Option("--check", help="Say what differs from here; train nothing.")] = False,
    trust_config: Annotated[
        bool, typer.Option("--trust-config", help="A run's configuration may build objects of other packages.")
    ] = False,
    json: Json = False,
) -> None:
    """Train the runs of a pack again, and compare the numbers.

    Classifiers that were fitted to the runs are fitted again.

    fercli reproduce paper.zip --store stores/ferplus

    The exit status is 1 where they are not the same. A stopped command continues when it is given again.
    """
    from fercli.cli.reproduction import print_answers, print_origin
    from fercli.errors import ConfigError
    from fercli.runs.packed import unpacked
    from fercli.studies.reproduce import compare, expect_new, repetitions

    words = dict(_option(word) for word in options or [])
    if not store:
        raise ConfigError("no store given; add --store <the folder that fercli preprocess writes>")
    with unpacked(pack) as folder:
        _expect_sound(pack, folder, trust_config)
        planned = repetitions(pack, folder, store, runs, words, seed or [], trust_config)
        for one in planned:
            expect_new(one)
        origins = print_origin(planned, json)
        if check:
            return
        for number, one in enumerate(planned, start=1):
            _train(one, f"{number} of {len(planned)}", trust_config)
        answers = compare(planned)
        print_answers(answers, origins, json)
    if any(answer.verdict in ("not the same", "undecided") for answer in answers):
        raise typer.Exit(1)


def _option(word: str) -> tuple[str, Any]:
    import yaml

    from fercli.errors import ConfigError

    key, equals, value = word.partition("=")
    try:
        content = yaml.safe_load(value)
    except yaml.YAMLError:
        content = value
    if not equals or not value or "${" in value or isinstance(content, dict):
        raise ConfigError(f"cannot read '{word}'; expected key=value, such as trainer.devices=1")
    return key, content


def _expect_sound(pack: Path, folder: Path, trust: bool) -> None:
    from fercli.errors import RunError
    from fercli.studies.finding import is_sound
    from fercli.studies.verify import verify_unpacked

    wrong = [one for one in verify_unpacked(pack, folder, trust) if not is_sound(one)]
    if wrong:
        raise RunError(f"{wrong[0].path} is {wrong[0].state}: {wrong[0].detail}; `fercli verify {pack}` lists all")


def _train(one: "Repetition", number: str, trust: bool) -> None:
    from fercli.cli.bars import Counted
    from fercli.cli.printing import say
    from fercli.cli.progress import TrainingProgress, quiet_libraries
    from fercli.engine.training import train
    from fercli.errors import printable
    from fercli.studies.refits import fit_again

    say(f"run {number}: {printable(str(one.again.path))}{' (finished before)' if one.again.finished else ''}")
    quiet_libraries()
    with Counted("evaluating", "samples") as evaluating:
        train(one.config, one.overrides, [TrainingProgress(one.config)], True, evaluating, run=one.again)
    for fit in one.refits:
        say(f"  then {printable(fit.classifier.key)}{' (fitted before)' if fit.again.finished else ''}")
        with Counted("evaluating", "samples") as evaluating:
            fit_again(fit, one.again, trust, evaluating)
