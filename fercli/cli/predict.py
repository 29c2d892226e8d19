"""`fercli predict`: predictions of trained runs for new images and videos, and the disorder monitor."""

from pathlib import Path
from typing import Annotated

import typer

from fercli.cli.arguments import Json
from fercli.cli.printing import say
from fercli.cli.suggestions import runs

EXPORTED = ".onnx"  # ending of a file that `fercli export` wrote


def predict(
    run: Annotated[
        list[Path],
        typer.Option(
            "--run", help="Run folder, or model.onnx of fercli export; give it again for more.", autocompletion=runs
        ),
    ],
    paths: Annotated[
        list[Path] | None,
        typer.Argument(help="Images, videos, folders of both, or patterns such as 'videos/*.mp4'.", show_default=False),
    ] = None,
    camera: Annotated[
        int | None,
        typer.Option(
            help="Number of a camera to read in place of files, such as 0; Ctrl-C ends it.", show_default=False
        ),
    ] = None,
    record: Annotated[
        bool, typer.Option("--record", help="Camera: keep frames of it, as an annotated video and as figures.")
    ] = False,
    out: Annotated[Path, typer.Option(help="Folder for the tables, images and videos.")] = Path("predictions"),
    all_faces: Annotated[
        bool, typer.Option("--all-faces", help="Everybody in a video; by default one person at a time, the largest.")
    ] = False,
    people: Annotated[
        Path | None,
        typer.Option(
            help="A csv file with columns person, name and perhaps source: names for the people of videos.",
            show_default=False,
        ),
    ] = None,
    landmarks: Annotated[
        Path | None,
        typer.Option(
            help="File of dlib's shape predictor, to cut faces out by 68 landmarks; "
            "by default that of the run's data, if it was prepared with one.",
            show_default=False,
        ),
    ] = None,
    grad_cam: Annotated[
        bool,
        typer.Option("--grad-cam", help="Heat maps of some faces: where in the face the prediction comes from."),
    ] = False,
    no_images: Annotated[bool, typer.Option("--no-images", help="Write tables alone.")] = False,
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
    """Predict for new images and videos with finished runs.

    Expressions, valence and arousal, or severity, as the runs were trained.

    Faces are found and cut out in the same way as the training faces of a run. If no face is found, a run whose data
    was prepared with no_face=center predicts the middle of the image; other runs predict nothing. People of a video are
    followed by motion and appearance. With --monitor and a run that predicts expressions (and one that predicts
    severity), each person gets a time line with alerts.

    fercli predict visit.mp4 --run runs/softmax_ferplus_resnet18_1a2b3c4d5e/seed0 --monitor
    """
    from contextlib import nullcontext
    from dataclasses import replace

    from fercli.errors import ConfigError
    from fercli.inference.capture import opened
    from fercli.inference.inputs import media
    from fercli.inference.names import Names
    from fercli.monitor.settings import Settings
    from fercli.runs.folder import RunFolder

    if (camera is None) == (not paths):
        raise ConfigError("expected paths of images and videos, or --camera 0 for a camera, and not both")
    if record and camera is None:
        raise ConfigError("--record keeps the frames of a camera; give --camera 0, or leave it out")
    if grad_cam and (no_images or (camera is not None and not record)):
        raise ConfigError("--grad-cam writes images of faces; leave out --no-images, and add --record to a camera")
    if grad_cam and (len(run) > 1 or run[0].suffix == EXPORTED):
        raise ConfigError("--grad-cam explains the network of one run folder; give one --run, and no ONNX file")
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
    if paths:
        media(paths)
    names = Names.read(people) if people else Names()
    capture = None if camera is None else opened(camera)
    # The libraries take seconds to load. What a user asked for wrongly is said before.
    from fercli.cli.bars import bar
    from fercli.cli.predictions import print_account, print_json
    from fercli.cli.progress import quiet_libraries
    from fercli.cli.watching import watching
    from fercli.figures.explained import explanations, require_heat
    from fercli.figures.predict import monitor_pictures, over_time, strips
    from fercli.inference.columns import scale_of, table_columns
    from fercli.inference.model import Model
    from fercli.inference.onnx_model import open_model
    from fercli.inference.output import held
    from fercli.inference.predict import predict as run_prediction
    from fercli.inference.request import PredictRequest
    from fercli.preprocess.detect import MTCNN

    quiet_libraries()
    models = [
        Model.of(folders[place], device, trust=trust_config, landmarks=landmarks)
        if place in folders
        else open_model(place, landmarks)
        for place in run
    ]
    for folder in (folder for folder, model in zip(run, models, strict=True) if model.guesses_landmarks):
        say(
            f"note: {folder} puts its patches where a generic face has eyes and mouth; "
            "with --landmarks <dlib's shape predictor> they follow each face"
        )
    table_columns(models, monitor)  # refuses runs that predict nothing
    if grad_cam:
        require_heat(models[0])
    scale = scale_of(models)
    if settings is not None:
        settings = replace(settings, scale=scale, severity_alert_min=severity)
    annotate = not no_images if camera is None else record
    with held(out), watching(capture, camera, quiet=json) as (eye, viewer):
        detector = MTCNN(device=device) if eye is None else MTCNN(device=device, batch_size=1)
        request = PredictRequest(paths or [], out, settings, all_faces, annotate, names, eye, viewer, grad_cam)
        with bar("images") if eye is None else nullcontext() as progress:
            task = None if progress is None else progress.add_task("predicting", total=None)

            def moved(done: int, total: int) -> None:
                if progress is not None and task is not None:
                    progress.update(task, completed=done, total=total)

            account = run_prediction(request, models, detector, moved)
        if settings is not None:
            account.written += monitor_pictures(account, models, settings, out)
        account.written += over_time(account, models, out)
        account.written += strips(account, [model.name for model in models], out)
        account.written += explanations(account.explained, models[0], out)
    if json:
        print_json(account, request, models, run)
    else:
        print_account(account, request, models)
