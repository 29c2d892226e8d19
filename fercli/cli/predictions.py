"""What `fercli predict` prints: people and faces with their predictions, and how far the runs are off."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from fercli.cli.printing import say, tell
from fercli.errors import printable
from fercli.inference.account import Account
from fercli.inference.columns import held_out_of_columns, scale_of
from fercli.inference.held_out import HeldOut
from fercli.inference.model import Model
from fercli.inference.people import SCORE, within
from fercli.inference.request import PredictRequest
from fercli.monitor.settings import NOTICE
from fercli.scales import Scale

MOST_PEOPLE = 20


def print_json(account: Account, request: PredictRequest, models: Sequence[Model], runs: Sequence[Path]) -> None:
    """Print everything as one JSON document."""
    found: dict[str, Any] = {
        "images": account.num_pictures,
        "faces": account.num_faces,
        "without_face": account.num_without_face,
        "predicted_by_middle": account.num_by_middle,
        "faces_of_no_person": account.num_unknown,
        "known_again": account.num_known_again,
        "appearance": account.appearance,
        "failed": account.failed,
        "notes": account.notes,
        "unlike_training": account.unlike,
        "runs": [
            {"run": str(run), "held_out": {name: one.document() for name, one in model.held_out.items()}}
            for run, model in zip(runs, models, strict=True)
        ],
        "people": account.people,
        "scale": scale_of(models).name,
        "seconds": round(account.seconds, 3),
        "written": [printable(str(path)) for path in account.written],
    }
    if request.camera is not None:
        found |= {"dropped_frames": account.dropped, "frames_per_second": round(request.camera.given_rate, 3)}
    if request.monitor is not None:
        found |= {"alerts": account.alerts, "without_result": account.silence, "notice": NOTICE}
    if request.grad_cam:
        drawn = account.explained.num_drawn
        found["grad_cam"] = {"drawn": drawn, "left_out": account.explained.num_predicted - drawn}
    print(json.dumps(found))


def print_account(account: Account, request: PredictRequest, models: Sequence[Model]) -> None:
    """Print what was predicted for whom, how far the runs are off, and the files."""
    for file, reason in account.failed.items():
        say(f"left out: {printable(file)}: {printable(reason)}")
    for file, note in account.notes.items():
        say(f"note: {printable(file)}: {note}")
    for name, warnings in account.unlike.items():
        for warning in warnings:
            say(f"warning: {printable(name)}: {warning}")
    if request.names.unused:
        say(f"note: nobody is {', '.join(map(printable, request.names.unused))} of --people")
    tell(_counts(account))
    if request.camera is not None:
        tell(f"{request.camera.name}: {account.dropped:,} frames dropped, because predicting took longer")
    errors = held_out_of_columns(models)
    for source, number, said in account.images:
        tell(f"{printable(source)}, face {number + 1}: {', '.join(map(printable, said))}")
    for person in account.people[:MOST_PEOPLE]:
        tell(_person(person, errors, scale_of(models)))
    if len(account.people) > MOST_PEOPLE:
        tell(f"and {len(account.people) - MOST_PEOPLE} more people in people.csv")
    for model in models:
        for line in _held_out(model):
            tell(f"{printable(model.name)}: {line}")
    if request.monitor is not None:
        for source, people in account.alerts.items():
            for name, rang in people.items():
                told = ", ".join(alert.replace("_", " ") for alert in rang) or "no alert"
                tell(f"{printable(source)}, {printable(name)}: {told}")
        for line in account.silence:
            tell(printable(line))
        if not account.watched:
            tell("the monitor has no result: nobody was in sight")
        tell(NOTICE)
    if request.grad_cam:
        drawn, of = account.explained.num_drawn, account.explained.num_predicted
        tell(f"Grad-CAM: {drawn:,} of {_number(of, 'prediction')} of faces drawn, {of - drawn:,} left out")
    for path in account.written:
        print(printable(str(path)))


def _number(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _counts(account: Account) -> str:
    rate = account.num_pictures / account.seconds if account.seconds else 0.0
    middle = f" ({account.num_by_middle:,} of them predicted by their middle)" if account.num_by_middle else ""
    people = "person" if len(account.people) == 1 else "people"
    known = f" (known again by {account.appearance}: {account.num_known_again:,})" if account.num_known_again else ""
    unknown = f", {_number(account.num_unknown, 'face')} of nobody" if account.num_unknown else ""
    videos = f", {len(account.people):,} {people}{known}{unknown}" if account.appearance else ""
    return (
        f"{_number(account.num_pictures, 'image')}, {_number(account.num_faces, 'face')}{videos}, "
        f"{_number(account.num_without_face, 'image')} without a face{middle}; {rate:.1f} images a second"
    )


def _person(person: Mapping[str, Any], errors: Mapping[str, HeldOut], scale: Scale) -> str:
    """Return a line such as `a.mp4, person 1, seen 12.0 s from 0.4 s on: score 12.3 (mild), ...`."""
    said = []
    if person.get("predicted") is not None:
        said.append(f"{printable(person['predicted'])} {person['prob_' + person['predicted']]:.0%}")
    if "predicted_valence" in person:
        said.append(f"valence {person['predicted_valence']:+.2f}, arousal {person['predicted_arousal']:+.2f}")
    if SCORE in person:
        score, error = person[SCORE], errors.get(SCORE)
        said.append(f"score {score:.1f} {scale.unit}" + (f" ({person['severity']})" if "severity" in person else ""))
        if error is not None and error.is_error:
            low, high = within(score, error.value, scale)
            reached = f" ({person['severity_within_error']})" if "severity_within_error" in person else ""
            said.append(f"within its {error.label} {low:.1f} to {high:.1f}{reached}")
    return (
        f"{printable(person['source'])}, {printable(person['person'])}, seen {person['seconds_seen']:.1f} s from "
        f"{person['first_seen']:.1f} s on: {', '.join(said) or 'no prediction'}, mean of {person['frames']:,} frames"
    )


def _held_out(model: Model) -> list[str]:
    """Return how far a run is off, a line for each output that its evaluation measured."""
    found = [one.words() for one in model.held_out.values()]
    return found or ["its evaluation does not say how far it is off"]
