"""`fercli eval`: judge a finished run, on its own data or on another store, with figures and a report."""

from pathlib import Path
from typing import Annotated

import typer

from fercli.cli.arguments import Json


def evaluate(
    run: Annotated[Path, typer.Argument(help="Run folder, such as runs/softmax_ferplus_resnet18_1a2b3c4d5e/seed0.")],
    store: Annotated[
        Path | None, typer.Option(help="Judge on this store instead of the run's own.", show_default=False)
    ] = None,
    split: Annotated[
        str | None,
        typer.Option(help="Split to judge on; the run's own evaluation split otherwise.", show_default=False),
    ] = None,
    embedding: Annotated[
        str, typer.Option(help="How wide features are drawn: tsne, or umap (pip install fercli[umap]).")
    ] = "tsne",
    device: Annotated[
        str | None, typer.Option(help="cpu, or cuda; by default a GPU where there is one.", show_default=False)
    ] = None,
    trust_config: Annotated[
        bool, typer.Option("--trust-config", help="The run's configuration may build objects of other packages.")
    ] = False,
    json: Json = False,
) -> None:
    """Judge a finished run, with figures and a report.

    fercli eval runs/dda_ferplus_resnet18_1a2b3c4d5e/seed0
    """
    import sys

    from rich.console import Console

    from fercli.cli.progress import JudgingProgress, quiet_libraries
    from fercli.cli.results import result_table
    from fercli.experiment.evaluation import evaluate_run
    from fercli.experiment.report import write_report
    from fercli.runs.folder import RunFolder

    quiet_libraries()
    folder = RunFolder.existing(run)
    with JudgingProgress() as judging:
        judged = evaluate_run(folder, store, split, device=device, progress=judging, trust=trust_config)
    with Console(stderr=True).status("drawing figures and the page"):
        report = write_report(folder, judged, embedding)
    for name, (then, now) in judged.changed.items():
        print(
            f"note: {name} is {now:.6g} now, and was {then:.6g} when the run ended, which tables show", file=sys.stderr
        )
    if json:
        import json as json_module

        print(json_module.dumps({"run": str(run), "report": str(report)} | judged.result))
        return
    Console().print(result_table(judged.result))
    print(report)
