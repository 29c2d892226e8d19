"""Who is who in a video: faces are joined to tracks by motion and appearance, and tracks to people by appearance."""

from collections.abc import Sequence

import cv2
import numpy as np
from scipy.optimize import linear_sum_assignment

from fercli.inference.appearance import Appearance
from fercli.inference.motion import Motion, Place
from fercli.inference.track import Looks, Track
from fercli.preprocess.face import Face

REACH = (
    0.75  # largest distance between the expected and the found place, in sides, for a face that is seen all the time
)
MOST_SLACK = 1.0  # sides that uncertainty adds to it at most
MOST_GROWTH = 1.6  # largest factor between the sides of a face in two sightings
CONFIRM = 3  # sightings before a track becomes a person
HESITATE = 2  # frames without a sighting after which an unconfirmed track is dropped
SOON = 3.0  # seconds out of sight after which the appearance must be more similar
PATIENCE = 1.0  # seconds for which an unseen person is expected where the motion leads
EVERY = 5  # sightings between two kept looks
WEIGHT = 2.0  # of appearance against motion
THUMBNAIL = (24, 16)  # pixels of a frame by which a cut of the film is seen
CUT = 0.35  # mean absolute difference of two frames, as a share of white, from which on the film was cut
FORBIDDEN = 1e6


class Tracker:
    """People of a stream, in one pass and constant memory for each person; `Pieces` looks back on a whole video.

    Each frame, faces and open tracks are matched by the Hungarian method. The cost is the distance from the place that
    a Kalman filter expects, and the unlikeness. A face that looks too different continues no track. After `CONFIRM`
    sightings a track becomes a person: a new one, or one who is not in sight. For that, the appearance must be similar
    enough (`Appearance.same`, or `soon`), and nobody else nearly as similar. A doubtful case becomes a new person, so
    that two people are never joined without a reason. A cut of the film ends all tracks.

    Args:
        appearance: describes faces.

    Attributes:
        described: vector of each face of the last frame.
        contested: faces of the last frame for which another track was near, or whose track was near another face.
        num_cuts: of the film until now.

    Source: Bewley et al. 2016 (SORT) for motion and assignment; Wojke et al. 2017 (Deep SORT) for appearance.
    """

    def __init__(self, appearance: Appearance):
        self.appearance = appearance
        self.tracks: list[Track] = []
        self.people: dict[int, Looks] = {}
        self.last_seen: dict[int, float] = {}
        self.num_tracks = 0
        self.num_known_again = 0
        self.thumbnail: np.ndarray | None = None
        self.described: list[np.ndarray] = []
        self.contested: set[int] = set()
        self.num_cuts = 0

    def step(self, image: np.ndarray, faces: Sequence[Face], time: float) -> list[Track]:
        """Return the track of each face of the next frame.

        Args:
            image: (H, W) or (H, W, 3) RGB uint8.
            time: in seconds, not before that of the last frame.
        """
        if self._is_cut(image):
            self.num_cuts += 1
            self.finish()
            self._close(self.tracks)
            self.last_seen.clear()
        self.described = [self.appearance.describe(image, face) for face in faces]
        found: list[Track | None] = [None] * len(faces)
        self.contested = set()
        for track, i, is_contested in self._matches(faces, time):
            track.motion.update(Place.of(faces[i]), time)
            track.num_seen, track.num_unseen, found[i] = track.num_seen + 1, 0, track
            self.contested |= {i} if is_contested else set()
        for track in self.tracks:
            track.num_unseen += track not in found
        self._close([track for track in self.tracks if self._is_lost(track, time)])
        for i, face in enumerate(faces):
            if found[i] is None:
                found[i] = track = Track(self.num_tracks, time, Motion(Place.of(face), time))
                self.num_tracks += 1
                self.tracks.append(track)
        tracks = [track for track in found if track is not None]
        for i, track in enumerate(tracks):
            if track.person is None or (track.num_seen % EVERY == 0 and i not in self.contested):
                self._remember(track, self.described[i])
        self._confirm([track for track in tracks if track.person is None and track.num_seen >= CONFIRM], time)
        self.last_seen |= {track.person: time for track in tracks if track.person is not None}
        return tracks

    def finish(self) -> None:
        """Decide who the unconfirmed tracks are: the film is cut, or the video is over."""
        self._confirm([track for track in self.tracks if track.person is None], max([*self.last_seen.values(), 0.0]))

    def _matches(self, faces: Sequence[Face], time: float) -> list[tuple[Track, int, bool]]:
        """Return matched tracks and faces, and whether another face or person was near."""
        if not self.tracks or not faces:
            return []
        cost = np.array([[self._distance(track, face, time) for face in faces] for track in self.tracks])
        is_near = cost < FORBIDDEN
        for t, i in np.argwhere(is_near):
            unlikeness = 1 - self._looks(self.tracks[t]).similarity(self.described[i])
            most = 1 - self.appearance.different
            cost[t, i] = cost[t, i] + WEIGHT * unlikeness / most if unlikeness <= most else FORBIDDEN
        rows, columns = linear_sum_assignment(cost)
        return [
            (self.tracks[t], int(i), bool(is_near[t].sum() > 1 or is_near[:, i].sum() > 1))
            for t, i in zip(rows, columns, strict=True)
            if cost[t, i] < FORBIDDEN
        ]

    def _distance(self, track: Track, face: Face, time: float) -> float:
        """Return the distance from the expected place, 1 at the largest allowed one; `FORBIDDEN` beyond it."""
        place, (expected, spread) = Place.of(face), track.motion.expected(time)
        if not 1 / MOST_GROWTH <= place.side / expected.side <= MOST_GROWTH:
            return FORBIDDEN
        distance = float(np.hypot(place.x - expected.x, place.y - expected.y)) / expected.side
        share = distance / (REACH + min(spread, MOST_SLACK))
        return share if share <= 1 else FORBIDDEN

    def _looks(self, track: Track) -> Looks:
        return track.looks if track.person is None else self.people[track.person]

    def _remember(self, track: Track, vector: np.ndarray) -> None:
        self._looks(track).add(vector)
        if track.person is None:
            track.vectors.append(vector)

    def _is_lost(self, track: Track, time: float) -> bool:
        if track.person is None:
            return track.num_unseen > HESITATE
        return track.num_unseen > HESITATE and time - track.motion.time > PATIENCE

    def _close(self, tracks: Sequence[Track]) -> None:
        for track in tracks:
            track.is_open = False
        self.tracks = [track for track in self.tracks if track.is_open]

    def _confirm(self, tracks: Sequence[Track], time: float) -> None:
        """Make each track a person: the surest first, and the largest of those who are new."""
        present = {track.person for track in self.tracks if not track.num_unseen}
        waiting = {track: self._known_again(track, present, time) for track in tracks}
        for track in sorted(tracks, key=lambda one: (-waiting[one][1], -one.motion.side)):
            person, _ = self._known_again(track, present, time)
            if person is None:
                person = len(self.people) + 1
                self.people[person] = track.looks
            else:
                self.num_known_again += 1
                self._close([other for other in self.tracks if other.person == person])
                for vector in track.vectors:
                    self.people[person].add(vector)
            track.person = person
            track.vectors = []
            present.add(person)

    def _known_again(self, track: Track, present: set[int | None], time: float) -> tuple[int | None, float]:
        """Return the absent person whom a track resembles, None if nobody is sure enough; and the similarity."""
        mean = np.mean(track.vectors, axis=0)
        mean /= max(float(np.linalg.norm(mean)), 1e-12)
        likeness = {person: looks.similarity(mean) for person, looks in self.people.items()}
        before = {person: self.last_seen.get(person, -np.inf) for person in likeness}  # nobody is at two places at once
        absent = [person for person in likeness if person not in present and before[person] < track.start]
        if not absent:
            return None, -1.0
        best = max(absent, key=likeness.__getitem__)
        others = max((value for person, value in likeness.items() if person != best), default=-1.0)
        is_soon = time - before[best] <= SOON
        enough = self.appearance.soon if is_soon else self.appearance.same
        is_sure = likeness[best] >= enough and likeness[best] - others >= self.appearance.margin
        return (best if is_sure else None), likeness[best]

    def _is_cut(self, image: np.ndarray) -> bool:
        """Return whether the film was cut before this frame."""
        small = cv2.resize(image, THUMBNAIL, interpolation=cv2.INTER_AREA).reshape(*THUMBNAIL, -1).mean(-1) / 255
        before, self.thumbnail = self.thumbnail, small
        return before is not None and float(np.abs(small - before).mean()) > CUT
