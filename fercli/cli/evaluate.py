"""`fercli eval`: evaluate a finished run, on its own data or another store, with figures and a report."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fercli.cli.arguments import ConfigDirs, Json, expect_one_run
from fercli.cli.suggestions import runs

if TYPE_CHECKING:
    from fercli.runs.folder import RunFolder


def evaluate(
    run: Annotated[
        str | None,
        typer.Argument(
            help="Run folder, such as runs/softmax_ferplus_resnet18_1a2b3c4d5e/seed0.",
            autocompletion=runs,
            show_default=False,
        ),
    ] = None,
    options: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[OPTION=VALUE]...",
            help="Of the classifier, such as C=10; with --predictions, of the protocol, such as pretraining=ImageNet.",
            show_default=False,
        ),
    ] = None,
    predictions: Annotated[
        Path | None,
        typer.Option(
            help="CSV or Parquet file with predictions of others for the rows of --store, in place of a run.",
            show_default=False,
        ),
    ] = None,
    data: Annotated[
        str | None, typer.Option(help="With --predictions: short for --store stores/<name>.", show_default=False)
    ] = None,
    against: Annotated[
        list[Path] | None,
        typer.Option(
            help="With --predictions: a run to test against, on the samples that both predict; may be repeated.",
            show_default=False,
        ),
    ] = None,
    runs_folder: Annotated[
        Path, typer.Option("--runs", help="With --predictions: folder for the new run folder.")
    ] = Path("runs"),
    seed: Annotated[int, typer.Option(min=0, help="With --predictions: seed of their training.")] = 0,
    classifier: Annotated[
        str | None,
        typer.Option(
            help="Fit this to the features of the run's training rows, and evaluate it in place of the run's "
            "own answers: svm, linear_svm, ... (fercli list classifiers).",
            show_default=False,
        ),
    ] = None,
    store: Annotated[
        list[Path] | None,
        typer.Option(
            help="Evaluate on this store, or on each store in this folder, instead of the run's own; give it again for "
            "more: all are compared with the first.",
            show_default=False,
        ),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(
            "--class",
            help="Evaluate this class; give it again for more. By default all that run and store have.",
            show_default=False,
        ),
    ] = None,
    split: Annotated[
        str | None,
        typer.Option(help="Split to evaluate on; the run's own evaluation split otherwise.", show_default=False),
    ] = None,
    by: Annotated[
        list[str] | None,
        typer.Option(
            help="Compute the metrics by group, too: gender; age=18,30,50 (a number in bins); gender+age_group (each "
            "pair); any column of the store; may be repeated. Otherwise by the columns that the data set names.",
            show_default=False,
        ),
    ] = None,
    embedding: Annotated[
        str,
        typer.Option(help="How features of 3 or more dimensions are drawn: tsne, or umap (pip install fercli[umap])."),
    ] = "tsne",
    cutoff: Annotated[
        list[float] | None,
        typer.Option(
            help="Of a screening: lowest score that counts as positive; may be repeated. Default: the first score of "
            "each band of the scale, such as 14, 20 and 29 of the BDI-II.",
            show_default=False,
        ),
    ] = None,
    prevalence: Annotated[
        float | None,
        typer.Option(
            help="Of a screening: share of positive people where the scores are to be used, such as 0.1; predictive "
            "values are given for it, too.",
            show_default=False,
        ),
    ] = None,
    alerts: Annotated[
        Path | None,
        typer.Option(
            help="In place of a run: predictions.csv of `fercli predict --monitor`; its alerts are evaluated.",
            show_default=False,
        ),
    ] = None,
    events: Annotated[
        Path | None,
        typer.Option(
            help="With --alerts: CSV of labelled intervals: source, person, alert, start, end (seconds).",
            show_default=False,
        ),
    ] = None,
    device: Annotated[
        str | None, typer.Option(help="cpu, or cuda; by default a GPU where there is one.", show_default=False)
    ] = None,
    trust_config: Annotated[
        bool, typer.Option("--trust-config", help="The run's configuration may build objects of other packages.")
    ] = False,
    log: Annotated[
        bool, typer.Option("--log", help="Send the figures and the page, with its faces, to the trackers of the run.")
    ] = False,
    config_dir: ConfigDirs = None,
    json: Json = False,
) -> None:
    """Evaluate a finished run, with figures and a report.

    fercli eval runs/dda_ferplus_resnet18_1a2b3c4d5e/seed0

    fercli eval runs/dda_ferplus_resnet18_1a2b3c4d5e/seed0 --classifier svm C=10

    fercli eval runs/dda_ferplus_resnet18_1a2b3c4d5e/seed0 --store stores/rafdb

    fercli eval runs/dda_ferplus_resnet18_1a2b3c4d5e/seed0 --by gender --by age=18,30,50

    fercli eval runs/frame_regression_avec2014_resnet18_1a2b3c4d5e/seed0 --cutoff 14 --prevalence 0.1

    fercli eval --alerts predictions/predictions.csv --events events.csv

    fercli eval --predictions theirs.csv --store stores/rafdb method=DAN pretraining=MS-Celeb-1M
    """
    from fercli.errors import ConfigError

    if alerts is not None or events is not None:
        from fercli.cli.events import evaluate_alerts
        from fercli.errors import ConfigError

        if alerts is None or events is None or run is not None or predictions is not None:
            raise ConfigError("expected --alerts and --events with a file each, and no run and no --predictions")
        evaluate_alerts(alerts, events, json)
        return
    from fercli.screening.options import ScreeningOptions

    screening = ScreeningOptions(tuple(cutoff or ()), prevalence)
    if predictions is not None:
        from fercli.cli.external import Request, evaluate_external

        words = [*([run] if run is not None else []), *(options or [])]
        unused = {"--classifier": classifier, "--device": device, "--log": log or None, "--class": only}
        if len(store or ()) > 1:
            raise ConfigError(f"expected one --store with --predictions; found {len(store or ())}")
        groups = None if by is None else tuple(by)
        request = Request(
            predictions,
            words,
            store[0] if store else None,
            data,
            split,
            tuple(against or ()),
            runs_folder,
            seed,
            groups,
            json,
            screening,
        )
        evaluate_external(request, unused)
        return
    _expect_run(run, data, against)
    assert run is not None
    expect_one_run(run, options)

    from fercli.engine.classifier import Classifier
    from fercli.runs.folder import RunFolder

    if options and classifier is None:
        found = " ".join(options)
        raise ConfigError(
            f"expected --classifier with {found}; `fercli list classifiers` shows them. A finished run keeps its "
            "options: train again to change others, such as metrics"
        )
    chosen = None if classifier is None else Classifier.named(classifier, options or [], config_dir or [])
    folder = RunFolder.existing(Path(run))
    if log:
        _require_tracker(folder, trust_config)
    from fercli.cli.bars import Counted, drawing
    from fercli.cli.evaluations import print_one, print_several, stores_in
    from fercli.cli.printing import say
    from fercli.cli.progress import quiet_libraries
    from fercli.engine.reevaluation import Reevaluation
    from fercli.figures.embeddings import require_embedding
    from fercli.own_code import LOG, keeping_traceback
    from fercli.pages.run import write_report

    quiet_libraries()
    require_embedding(embedding)
    prepared = [
        Reevaluation.prepared(
            folder,
            path,
            split,
            only=only or (),
            classifier=chosen,
            by=by,
            device=device,
            trust=trust_config,
            screening=screening,
        )
        for path in (stores_in(store, folder.read_metrics()["data"]["fingerprint"]) if store else [None])
    ]
    evaluations = []
    for number, one in enumerate(prepared, 1):
        if len(prepared) > 1:
            say(f"store {number} of {len(prepared)}: {one.data.store.path.name}")
        with Counted("evaluating", "samples") as evaluating, keeping_traceback(folder.path / LOG):
            evaluated = one.evaluate(evaluating)
        with drawing() as progress:
            evaluations.append((evaluated, write_report(evaluated, embedding, progress)))
        if log:
            _log(folder, evaluations[-1][1], trust_config)
    if len(evaluations) == 1:
        print_one(*evaluations[0], json)
    else:
        print_several(evaluations, json)


def _expect_run(run: str | None, data: str | None, against: list[Path] | None) -> None:
    from fercli.errors import ConfigError

    if run is None:
        raise ConfigError("expected a run folder, or --predictions with a file; found neither")
    if given := [name for name, value in {"--data": data, "--against": against}.items() if value]:
        raise ConfigError(f"expected --predictions with {given[0]}; found a run")


def _require_tracker(run: "RunFolder", trust: bool) -> None:
    from fercli.config import load
    from fercli.errors import ConfigError
    from fercli.trackers.loggers import trackers_of

    if not trackers_of(load(run.config, trust=trust)):
        raise ConfigError(
            f"--log sends to the trackers of a run; {run.path} was trained without one. Train with logger=wandb or "
            "logger=mlflow"
        )


def _log(run: "RunFolder", report: Path, trust: bool) -> None:
    from fercli.cli.printing import say
    from fercli.config import load
    from fercli.trackers.loggers import log_evaluation

    for key in log_evaluation(load(run.config, trust=trust), run, report):
        say(f"sent to {key}: the figures and the page")
