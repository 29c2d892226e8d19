"""Who is who in a video file, once all of it was seen: parts of tracks are joined to people."""

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from fercli.inference.appearance import Appearance
from fercli.inference.grouping import groups
from fercli.inference.piece import Piece, Visit
from fercli.inference.tracker import CONFIRM, PATIENCE, SOON, Tracker


class Pieces:
    """The pieces of all tracks of one video.

    When the video is over, pieces are joined by appearance, the most similar first (`groups`). Pieces in sight at the
    same time are never joined. From `Appearance.same` on, pieces are one person; from `soon` on within `SOON` seconds
    of one scene; and from `different` on if one continues the track of the other.
    """

    def __init__(self, appearance: Appearance):
        self.appearance = appearance
        self.pieces: list[Piece] = []
        self.newest: dict[int, int] = {}
        self.follows: list[tuple[int, int]] = []
        self.num_known_again = 0

    def step(self, tracker: Tracker, sides: Sequence[float], tracks: Sequence[int], time: float) -> list[int]:
        """Return the number of the piece of each face of a frame that the tracker has seen.

        Args:
            sides: of the faces, in pixels.
            tracks: number of the track of each face.
        """
        found = []
        for i, (track, side) in enumerate(zip(tracks, sides, strict=True)):
            before, is_contested = self.newest.get(track), i in tracker.contested
            if before is None or self.pieces[before].is_contested != is_contested:
                self.newest[track] = len(self.pieces)
                self.follows += [] if before is None else [(before, len(self.pieces))]
                self.pieces.append(Piece(track, tracker.num_cuts, is_contested, side, [[time, time]]))
            self.pieces[self.newest[track]].add(tracker.described[i], time)
            found.append(self.newest[track])
        return found

    def join(self) -> None:
        """Decide who everybody is: people are numbered by their first sighting, the larger face first."""
        label = groups(self._similarity(), self._apart(), self.appearance.same, self.appearance.margin)
        members: dict[int, list[Piece]] = defaultdict(list)
        for piece, group in zip(self.pieces, label.tolist(), strict=True):
            members[group].append(piece)
        people = [group for group in members.values() if sum(piece.num_seen for piece in group) >= CONFIRM]
        people.sort(key=lambda group: (group[0].start, -group[0].side))
        numbers = {id(group): number for number, group in enumerate(people, 1)}
        for group in members.values():
            end: dict[int, float] = defaultdict(float)
            for piece in group:
                end[piece.track] = max(end[piece.track], piece.end)
            for piece in group:
                piece.visit = Visit(piece.track, numbers.get(id(group)), end[piece.track])
        for group in people:
            spans = sorted(tuple(span) for piece in group for span in piece.spans)
            self.num_known_again += sum(after[0] - before[1] > PATIENCE for before, after in pairwise(spans))

    def _similarity(self) -> np.ndarray:
        """Return the similarity of the likest looks of each two pieces, raised where less is enough; (N, N)."""
        found = np.zeros((len(self.pieces), len(self.pieces)))
        looks = [np.stack(piece.looks.values) for piece in self.pieces]
        if looks:
            starts = np.cumsum([0, *map(len, looks[:-1])])
            every = np.concatenate(looks)
            found = np.stack([np.maximum.reduceat((every @ some.T).max(1), starts) for some in looks]).astype(float)
        starts, ends, scenes = (
            np.array([getattr(one, key) for one in self.pieces]) for key in ("start", "end", "scene")
        )
        away = starts[:, None] - ends
        soon = (np.maximum(away, away.T) <= SOON) & (scenes[:, None] == scenes)
        raised = np.where(soon, self.appearance.same - self.appearance.soon, 0.0)
        for one, other in self.follows:
            raised[one, other] = raised[other, one] = self.appearance.same - self.appearance.different
        return found + raised

    def _apart(self) -> np.ndarray:
        """Return which pieces are in sight at the same time; (N, N) bool."""
        apart = np.zeros((len(self.pieces), len(self.pieces)), bool)
        spans = sorted((start, end, i) for i, piece in enumerate(self.pieces) for start, end in piece.spans)
        there: list[tuple[float, int]] = []
        for start, end, i in spans:
            there = [(until, other) for until, other in there if until >= start]
            others = [other for _, other in there if other != i]
            apart[i, others] = apart[others, i] = True
            there.append((end, i))
        return apart
