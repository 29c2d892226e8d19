"""Identity switches and IDF1 of the people of a stream and of a file, on drawn scenes with true identities.

Two to four drawn people walk in one scene: they pass in front of each other, leave and come back at another side. One
film in three is cut, so that everybody stands elsewhere in the next frame.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from scipy.optimize import linear_sum_assignment

from benchmarks import measure
from fercli.datasets.synthetic.actions import make_actions
from fercli.datasets.synthetic.anatomy import make_anatomy
from fercli.datasets.synthetic.canvas import Canvas
from fercli.datasets.synthetic.head import paint_head
from fercli.datasets.synthetic.scene import paint_scene
from fercli.datasets.synthetic.subject import make_subject
from fercli.datasets.synthetic.view import Pose, make_light
from fercli.inference.appearance import EdgesAndColors
from fercli.inference.motion import Place
from fercli.inference.pieces import Pieces
from fercli.inference.track import Track
from fercli.inference.tracker import Tracker
from fercli.preprocess.detect import MTCNN
from fercli.preprocess.face import Face, five_points

SIZE, RATE = 320, 12.5  # pixels of a frame, and frames a second
HALF_WIDTH = 0.085  # of a face, as a share of the frame
SEEN = 0.6  # share of a face that must be uncovered to be found
NOISE, MISSED, FALSE = 0.03, 0.05, 0.01  # of the imitated detector: sides, share of faces, share of frames
SHARED = 3  # sightings from which on a number is also that of another person


@dataclass(frozen=True)
class Moment:
    """One frame: image (SIZE, SIZE, 3) uint8 RGB, and for each true person in it the face and its uncovered share."""

    image: np.ndarray
    time: float
    truth: dict[int, tuple[Face, float]]


def scene(num_people: int, num_frames: int, seed: int, is_cut: bool = False) -> Iterator[Moment]:
    """Draw people who walk through a room; later people stand nearer and cover the others."""
    rng = np.random.default_rng([seed, num_people])
    subjects = [make_subject(1000 + seed, index) for index in range(num_people)]
    light, room = make_light(rng), paint_scene("room", SIZE, rng)
    paths = [_path(rng, num_frames) for _ in subjects]
    if is_cut:
        half = num_frames // 2
        paths = [np.concatenate([path[:half], paths[i - 1][half:]]) for i, path in enumerate(paths)]
    moods = [make_actions(str(rng.choice(["neutral", "happiness", "sadness"])), 0.6, rng) for _ in subjects]
    turn = rng.uniform(0, 2 * np.pi, num_people)
    for number in range(num_frames):
        canvas, faces = Canvas(room.planes.copy()), {}
        for person, subject in enumerate(subjects):
            x, y = paths[person][number]
            yaw = 0.25 * np.sin(turn[person] + number / RATE)
            pose = Pose(yaw=float(yaw), scale=HALF_WIDTH * (1 + 0.1 * person), shift_x=x, shift_y=y)
            anatomy = make_anatomy(subject, moods[person])
            paint_head(canvas, subject, moods[person], anatomy, pose, light, SIZE)
            landmarks = pose.project(anatomy.landmarks, SIZE)
            outline = pose.project(anatomy.outline, SIZE)
            box = (*outline.min(0).tolist(), *outline.max(0).tolist())
            faces[person] = Face(box, five_points(landmarks))
        image = np.moveaxis(np.clip(canvas.planes + rng.normal(0, 2, canvas.planes.shape), 0, 255), 0, -1)
        yield Moment(np.ascontiguousarray(image.astype(np.uint8)), number / RATE, _visible(faces))


def _path(rng: np.random.Generator, num_frames: int) -> np.ndarray:
    """(num_frames, 2) shifts from the middle of the frame: a smooth walk that leaves the frame now and then."""
    t = np.arange(num_frames) / RATE
    period, phase = rng.uniform(5, 9), rng.uniform(0, 2 * np.pi)
    x = rng.uniform(0.35, 0.85) * np.sin(2 * np.pi * t / period + phase)
    return np.column_stack([x, rng.uniform(-0.12, 0.12) + 0.04 * np.sin(2 * np.pi * t / 3 + phase)])


def _visible(faces: dict[int, Face]) -> dict[int, tuple[Face, float]]:
    grid = np.moveaxis(np.indices((SIZE, SIZE)), 0, -1)[..., ::-1]
    free = np.ones((SIZE, SIZE), bool)
    found = {}
    for person in sorted(faces, reverse=True):  # the nearest first
        left, top, right, bottom = faces[person].box
        middle, radius = ((left + right) / 2, (top + bottom) / 2), ((right - left) / 2, (bottom - top) / 2)
        inside = (((grid - middle) / radius) ** 2).sum(-1) <= 1
        share = (inside & free).sum() / (np.pi * radius[0] * radius[1])
        free &= ~((((grid - middle) / np.multiply(radius, 1.3)) ** 2).sum(-1) <= 1)  # the head with hair
        if share > 0:
            found[person] = (faces[person], float(min(1, share)))
    return found


def imitated(moment: Moment, rng: np.random.Generator) -> list[Face]:
    """Faces as a detector finds them: uncovered ones with noise; some are missed, and a few are none."""
    found = []
    for face, share in moment.truth.values():
        if share >= SEEN and rng.random() >= MISSED:
            side = face.box[2] - face.box[0]
            shift = rng.normal(0, NOISE * side, 2)
            box = np.array(face.box) + np.tile(shift, 2) + rng.normal(0, 0.5 * NOISE * side, 4)
            points = None if face.points is None else face.points + shift
            found.append(Face(tuple(box.tolist()), points, 0.99))
    if rng.random() < FALSE:
        x, y = rng.uniform(20, SIZE - 60, 2)
        found.append(Face((x, y, x + 40, y + 50), None, 0.7))
    rng.shuffle(found)  # type: ignore[arg-type]
    return found


@dataclass(frozen=True)
class Score:
    """How well people were told apart in one scene.

    Attributes:
        switches: how often the number of a true person changes from one sighting to the next (CLEAR MOT).
        idf1: share of sightings with the right identity under the best one-to-one naming, in [0, 1].
        num_true: true people that were found at least once.
        num_found: people that the tracker counts.
        num_sightings: found faces of true people.
        joined: true people who share a number with another one, beyond the first of each number; a person counts from
            three sightings with it on.
    """

    switches: int
    idf1: float
    num_true: int
    num_found: int
    num_sightings: int
    joined: int


def scored(pairs: list[tuple[int | None, int | None]]) -> Score:
    """Compare the true and the found person of each sighting; None for a face of nobody, or of no person.

    Source: Bernardin and Stiefelhagen 2008 (switches); Ristani et al. 2016, equation 11 (IDF1).
    """
    last: dict[int, int] = {}
    switches = 0
    for true, found in pairs:
        if true is not None and found is not None:
            switches += true in last and last[true] != found
            last[true] = found
    counts = Counter(pair for pair in pairs if None not in pair)
    people, numbers = ([*dict.fromkeys(side)] for side in zip(*counts, strict=True)) if counts else ([], [])
    joint = np.array([[counts[true, found] for found in numbers] for true in people]).reshape(len(people), len(numbers))
    right = int(joint[linear_sum_assignment(-joint)].sum())
    total = sum(true is not None for true, _ in pairs) + sum(found is not None for _, found in pairs)
    joined = int(np.maximum((joint >= SHARED).sum(0) - 1, 0).sum())
    num_sightings = sum(true is not None for true, _ in pairs)
    return Score(switches, 2 * right / max(1, total), len(people), len(numbers), num_sightings, joined)


def overlap(one: Face, other: Face) -> float:
    """Intersection over union of two boxes."""
    a, b = np.array(one.box), np.array(other.box)
    sides = np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2])
    shared = float(np.prod(np.maximum(sides, 0)))
    areas = [float(np.prod(box[2:] - box[:2])) for box in (a, b)]
    return shared / max(1e-9, sum(areas) - shared)


def true_person(face: Face, moment: Moment) -> int | None:
    """The visible true person whose face a found face overlaps most; None below 0.3."""
    near = {person: overlap(face, true) for person, (true, share) in moment.truth.items() if share >= 0.3}
    best = max(near, key=near.__getitem__, default=None)
    return best if best is not None and near[best] >= 0.3 else None


Finder = Callable[[Moment], list[Face]]


def followed(moments: Iterator[Moment], find: Finder, tracker: Tracker) -> dict[str, Score]:
    """Follow the people of a scene as a stream and as a file, and compare them with the truth."""
    pieces, true, tracks = Pieces(tracker.appearance), list[int | None](), list[Track]()
    parts: list[int] = []
    for moment in moments:
        faces = find(moment)
        true += [true_person(face, moment) for face in faces]
        found = tracker.step(moment.image, faces, moment.time)
        sides = [Place.of(face).side for face in faces]
        parts += pieces.step(tracker, sides, [track.number for track in found], moment.time)
        tracks += found
    tracker.finish()
    pieces.join()
    visits = [pieces.pieces[part].visit for part in parts]
    people = {
        "stream": [track.person for track in tracks],
        "file": [visit and visit.person for visit in visits],
    }
    return {name: scored(list(zip(true, some, strict=True))) for name, some in people.items()}


def measured(num_people: int, seed: int, num_frames: int, detector: str) -> dict[str, Score]:
    """Follow the people of one scene; every third film is cut."""
    rng, mtcnn = np.random.default_rng(seed), MTCNN()
    finders: dict[str, Finder] = {
        "imitated": lambda moment: imitated(moment, rng),
        "mtcnn": lambda moment: mtcnn.detect([moment.image])[0],
    }
    drawn = scene(num_people, num_frames, seed, is_cut=seed % 3 == 2)
    return followed(drawn, finders[detector], Tracker(EdgesAndColors()))


def main(arguments: Sequence[str] | None = None) -> None:
    """Print switches and IDF1 for each number of people."""
    parser = measure.parser_of(__spec__.name, __doc__, 10, "scenes of each number of people")
    parser.add_argument("--people", type=measure.numbers, default="2,3,4")
    parser.add_argument("--frames", type=measure.positive, default=150)
    parser.add_argument("--first-seed", type=measure.positive, default=100, help="of the scenes")
    parser.add_argument("--detector", choices=["imitated", "mtcnn"], default="imitated")
    given = parser.parse_args(arguments)
    columns = {"people": "", "read as": "", "scenes": "", "sightings": ",", "switches": "", "IDF1": ".3f"}
    columns |= {"true people": "", "people found": "", "joined wrongly": "", "CPU s": ".0f"}
    with measure.report(given) as report:
        table = report.table(f"Scenes of {given.frames} frames, faces of {given.detector}", columns)
        for number in given.people:
            seeds = range(given.first_seed, given.first_seed + given.repeats)
            one = partial(measured, number, num_frames=given.frames, detector=given.detector)
            both, took = measure.once(partial(list, map(one, seeds)))
            for way in ("stream", "file"):
                scores = [some[way] for some in both]
                keys = ("num_sightings", "switches", "num_true", "num_found", "joined")
                seen, switches, *people = [sum(getattr(score, key) for score in scores) for key in keys]
                idf1 = float(np.mean([score.idf1 for score in scores]))
                table.add(number, way, len(scores), seen, switches, idf1, *people, took.cpu)


if __name__ == "__main__":
    main()
