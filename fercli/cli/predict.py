"""`fercli predict`: predictions of trained runs for new images and videos, and the disorder monitor."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fercli.cli.arguments import Json
from fercli.cli.suggestions import runs

if TYPE_CHECKING:
    from fercli.inference.predict import Account
    from fercli.monitor.settings import Settings
    from fercli.scales import Scale

EXPORTED = ".onnx"  # ending of a file that `fercli export` wrote


def predict(
    path: Annotated[Path, typer.Argument(help="An image, a video, or a folder of both.", show_default=False)],
    run: Annotated[
        list[Path],
        typer.Option(
            "--run", help="Run folder, or model.onnx of fercli export; give it again for more.", autocompletion=runs
        ),
    ],
    out: Annotated[Path, typer.Option(help="Folder for the tables, images and videos.")] = Path("predictions"),
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
    monitor: Annotated[
        bool, typer.Option("--monitor", help="Watch for patterns of mood in videos. A research tool, not a diagnosis.")
    ] = False,
    threshold: Annotated[float, typer.Option(help="Monitor: entropy in nats from which a mood is unstable.")] = 0.69,
    clip: Annotated[float, typer.Option(help="Monitor: seconds whose frames give one prediction.")] = 0.5,
    window: Annotated[float, typer.Option(help="Monitor: seconds whose predictions are evaluated together.")] = 2.0,
    persistence: Annotated[float, typer.Option(help="Monitor: seconds that a pattern must last for an alert.")] = 1.0,
    gap: Annotated[float, typer.Option(help="Monitor: seconds without a face after which it starts again.")] = 0.5,
    votes: Annotated[
        str, typer.Option(help="Monitor: hard, the likeliest emotion of each prediction; soft, its probabilities.")
    ] = "hard",
    negative: Annotated[
        list[str] | None,
        typer.Option(
            help="Monitor: emotion of a low mood; give it again for more. Default: sadness, fear, anger.",
            show_default=False,
        ),
    ] = None,
    negative_share: Annotated[
        float, typer.Option(help="Monitor: a mood is low if a larger share of a window is negative.")
    ] = 0.5,
    severity: Annotated[
        str | None,
        typer.Option(help="Monitor: band of severity from which the score alone is an alert.", show_default=False),
    ] = None,
) -> None:
    """Predict expressions, valence and arousal, or severity for new images and videos.

    Faces are found and cut out in the same way as the training faces of a run. If no face is found, a run whose data
    was prepared with no_face=center predicts the middle of the image; other runs predict nothing. With --monitor and a
    run that predicts expressions (and one that predicts severity), videos get a time line with alerts.

    fercli predict visit.mp4 --run runs/softmax_ferplus_resnet18_1a2b3c4d5e/seed0 --monitor
    """
    import sys
    from dataclasses import replace

    from fercli.errors import ConfigError
    from fercli.inference.frames import media
    from fercli.monitor.settings import Settings
    from fercli.runs.folder import RunFolder

    if monitor and all_faces:
        raise ConfigError("the monitor watches one person; leave out --all-faces")
    settings = None
    if monitor:
        settings = Settings(
            threshold=threshold,
            negative=tuple(negative or Settings.negative),
            negative_share=negative_share,
            votes=votes,
            clip_seconds=clip,
            window_seconds=window,
            persistence_seconds=persistence,
            gap_seconds=gap,
        )
    folders = {place: RunFolder.existing(place) for place in run if place.suffix != EXPORTED}
    media(path)
    # The libraries take seconds to load. What a user asked for wrongly is said before.
    from fercli.cli.bars import bar
    from fercli.cli.progress import quiet_libraries
    from fercli.figures.predict import monitor_pictures, strips
    from fercli.inference.model import Model
    from fercli.inference.onnx_model import open_model
    from fercli.inference.output import held
    from fercli.inference.predict import PredictRequest, scale_of
    from fercli.inference.predict import predict as run_prediction
    from fercli.preprocess.detect import MTCNN

    quiet_libraries()
    models = [
        Model.of(folders[place], device, trust=trust_config, landmarks=landmarks)
        if place in folders
        else open_model(place, landmarks)
        for place in run
    ]
    for folder in (folder for folder, model in zip(run, models, strict=True) if model.guesses_landmarks):
        print(
            f"note: {folder} puts its patches where a generic face has eyes and mouth; "
            "with --landmarks <dlib's shape predictor> they follow each face",
            file=sys.stderr,
        )
    scale = scale_of(models)
    if settings is not None:
        settings = replace(settings, scale=scale, severity_alert_min=severity)
    request = PredictRequest(path, out, settings, all_faces, annotate=not no_pictures)
    with held(out):
        with bar("images") as progress:
            task = progress.add_task("predicting", total=None)
            account = run_prediction(
                request,
                models,
                MTCNN(device=device),
                lambda done, total: progress.update(task, completed=done, total=total),
            )
        if settings is not None:
            account.written += monitor_pictures(account, models, settings, out)
        account.written += strips(account, [model.name for model in models], out)
    if json:
        _print_json(account, settings, scale)
    else:
        _print(account, settings, scale)


def _print_json(account: "Account", settings: "Settings | None", scale: "Scale") -> None:
    import json

    from fercli.errors import printable
    from fercli.monitor.settings import NOTICE

    found: dict[str, Any] = {
        "pictures": account.num_pictures,
        "faces": account.num_faces,
        "without_face": account.num_without_face,
        "predicted_by_middle": account.num_by_middle,
        "failed": account.failed,
        "notes": account.notes,
        "people": account.people,
        "scale": scale.name,
        "seconds": round(account.seconds, 3),
        "written": [printable(str(path)) for path in account.written],
    }
    if settings is not None:
        found["alerts"] = {source: sorted(rang) for source, rang in account.alerts.items()}
        found["notice"] = NOTICE
    print(json.dumps(found))


def _number(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _print(account: "Account", settings: "Settings | None", scale: "Scale") -> None:
    import sys

    from fercli.errors import printable

    for file, reason in account.failed.items():
        print(f"left out: {printable(file)}: {printable(reason)}", file=sys.stderr)
    for file, note in account.notes.items():
        print(f"note: {printable(file)}: {note}", file=sys.stderr)
    rate = account.num_pictures / account.seconds if account.seconds else 0.0
    middle = f" ({account.num_by_middle:,} of them predicted by their middle)" if account.num_by_middle else ""
    print(
        f"{_number(account.num_pictures, 'image')}, {_number(account.num_faces, 'face')}, "
        f"{_number(account.num_without_face, 'image')} without a face{middle}; {rate:.1f} images a second"
    )
    for person in (person for person in account.people if "predicted_score" in person):
        band = f" ({person['severity']})" if "severity" in person else ""
        print(
            f"{printable(person['source'])}, person {person['face']}: score {person['predicted_score']:.1f} "
            f"{scale.unit}{band}, mean of {person['frames']:,} frames"
        )
    if settings is not None:
        from fercli.monitor.settings import NOTICE

        for source, rang in account.alerts.items():
            print(f"{printable(source)}: {', '.join(name.replace('_', ' ') for name in sorted(rang)) or 'no alert'}")
        if not account.windows:
            print("the monitor has no result: no face was visible for the length of a window")
        print(NOTICE)
    for path in account.written:
        print(printable(str(path)))
