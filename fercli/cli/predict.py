"""`fercli predict`: what trained runs say of new pictures and videos; the disorder monitor."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fercli.cli.arguments import Json

if TYPE_CHECKING:
    from fercli.inference.predict import Account
    from fercli.monitor.settings import Settings


def predict(
    path: Annotated[Path, typer.Argument(help="An image, a video, or a folder of both.", show_default=False)],
    run: Annotated[
        list[Path],
        typer.Option("--run", help="Run folder; give it again for more runs."),
    ],
    out: Annotated[Path, typer.Option(help="Folder for the tables, pictures and videos.")] = Path("predictions"),
    monitor: Annotated[
        bool, typer.Option("--monitor", help="Watch for patterns of mood in videos. A research tool, not a diagnosis.")
    ] = False,
    threshold: Annotated[float, typer.Option(help="Monitor: entropy in nats from which a mood is unstable.")] = 0.69,
    window: Annotated[float, typer.Option(help="Monitor: seconds that are judged together.")] = 2.0,
    persistence: Annotated[float, typer.Option(help="Monitor: seconds that a pattern must last for an alert.")] = 1.0,
    severity: Annotated[
        str | None,
        typer.Option(help="Monitor: band of severity from which the score alone is an alert.", show_default=False),
    ] = None,
    all_faces: Annotated[
        bool, typer.Option("--all-faces", help="Every face of a video, instead of following one person.")
    ] = False,
    landmarks: Annotated[
        Path | None,
        typer.Option(
            help="File of dlib's shape predictor, to cut faces out by 68 landmarks; "
            "by default that of the run's data, if it was prepared with one.",
            show_default=False,
        ),
    ] = None,
    no_pictures: Annotated[bool, typer.Option("--no-pictures", help="Write tables alone.")] = False,
    device: Annotated[str, typer.Option(help="cpu, or cuda.")] = "cpu",
    trust_config: Annotated[
        bool, typer.Option("--trust-config", help="A run's configuration may build objects of other packages.")
    ] = False,
    json: Json = False,
) -> None:
    """Predict expressions, valence and arousal, or severity for new pictures and videos.

    Faces are found and cut out as those that a run was trained on. With --monitor and a run that predicts expressions
    (and one that predicts severity), videos get a time line with alerts.

    fercli predict visit.mp4 --run runs/softmax_ferplus_resnet18_1a2b3c4d5e/seed0 --monitor
    """
    import sys

    from fercli.cli.bars import bar
    from fercli.cli.progress import quiet_libraries
    from fercli.errors import ConfigError
    from fercli.inference.model import Model
    from fercli.inference.predict import Request, emotions
    from fercli.inference.predict import predict as run_prediction
    from fercli.monitor.settings import Settings
    from fercli.preprocess.detect import MTCNN
    from fercli.runs.folder import RunFolder

    quiet_libraries()
    if monitor and all_faces:
        raise ConfigError("the monitor watches one person; leave out --all-faces")
    settings = None
    if monitor:
        settings = Settings(
            threshold=threshold, window_seconds=window, persistence_seconds=persistence, severity_alert_min=severity
        )
    runs = [RunFolder.existing(folder) for folder in run]
    models = [Model.of(folder, device, trust=trust_config, landmarks=landmarks) for folder in runs]
    for folder in (folder for folder, model in zip(run, models, strict=True) if model.guesses_landmarks):
        print(
            f"note: {folder} puts its patches where a generic face has eyes and mouth; "
            "with --landmarks <dlib's shape predictor> they follow each face",
            file=sys.stderr,
        )
    request = Request(path, out, settings, all_faces, annotate=not no_pictures)
    with bar("pictures") as progress:
        task = progress.add_task("predicting", total=None)
        account = run_prediction(
            request,
            models,
            MTCNN(device=device),
            lambda done, total: progress.update(task, completed=done, total=total),
        )
    figures = _timelines(account, emotions(models), settings, out) if settings else []
    figures += _strips(account, [folder.path.parent.name for folder in runs], out)
    _print(account, figures, settings, json)


def _timelines(account: "Account", classes: tuple[str, ...], settings: "Settings", out: Path) -> list[Path]:
    from dataclasses import fields

    import numpy as np

    from fercli.monitor.monitor import Window
    from fercli.reports.figure import save_figure
    from fercli.reports.monitor import timeline_plot

    written = []
    for source, windows in account.windows.items():
        columns = {f.name: np.array([getattr(window, f.name) for window in windows]) for f in fields(Window)}
        target = (out / "monitor" / source).with_suffix(".png")
        save_figure(timeline_plot(columns, classes, settings.threshold, source), target)
        written.append(target)
    return written


def _strips(account: "Account", runs: list[str], out: Path) -> list[Path]:
    from fercli.reports.figure import save_figure
    from fercli.reports.strip import strip_plot

    written = []
    for source, strip in account.strips.items():
        moments = strip.moments()
        said = [["\n".join(lines) for lines in moment.said] or [""] * len(runs) for moment in moments]
        target = (out / "strip" / source).with_suffix(".png")
        picture = strip_plot(
            [moment.time for moment in moments],
            [moment.picture for moment in moments],
            [moment.face for moment in moments],
            said,
            runs,
            source,
        )
        save_figure(picture, target)
        written.append(target)
    return written


def _print(account: "Account", figures: list[Path], settings: "Settings | None", as_json: bool) -> None:
    import json
    import sys

    written = [*account.written, *figures]
    if as_json:
        print(
            json.dumps(
                {
                    "pictures": account.num_pictures,
                    "faces": account.num_faces,
                    "without_face": account.num_without_face,
                    "failed": account.failed,
                    "seconds": round(account.seconds, 3),
                    "written": [str(path) for path in written],
                }
            )
        )
        return
    for file, reason in account.failed.items():
        print(f"left out: {file}: {reason}", file=sys.stderr)
    rate = account.num_pictures / account.seconds if account.seconds else 0.0
    print(
        f"{account.num_pictures:,} pictures, {account.num_faces:,} faces, "
        f"{account.num_without_face:,} pictures without a face; {rate:.1f} pictures a second"
    )
    if settings is not None:
        from fercli.monitor.settings import NOTICE

        for source, rang in account.alerts.items():
            print(f"{source}: {', '.join(name.replace('_', ' ') for name in sorted(rang)) or 'no alert'}")
        if not account.windows:
            print("the monitor gave nothing: no video with faces was as long as its first window")
        print(NOTICE)
    for path in written:
        print(path)
