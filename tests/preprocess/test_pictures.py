import numpy as np
import pytest

from fercli.datasets.source import Source
from fercli.datasets.synthetic.film import write_video
from fercli.preprocess import pictures as module
from fercli.preprocess.pictures import Picture, pictures, video_of
from fercli.records import Record, Reject


@pytest.fixture
def clips(raw):
    """Two videos beside the ten images: the gray value of a frame tells its number."""
    for name in ("a.avi", "b.avi"):
        write_video(raw / name, [np.full((32, 32, 3), 20 * i, np.uint8) for i in range(10)], 10.0)
    return raw


def frames(video, indices):
    return [Record(f"{video}/{i}", "train", video, frame=i, video=video) for i in indices]


def opened(folder, records):
    return list(pictures(Source(folder), records))


def number(picture):
    return round(picture.pixels.mean() / 20)


def test_frames_come_with_the_time_of_the_decoder(clips):
    found = opened(clips, frames("a.avi", [0, 3, 9]))
    assert [(record.frame, number(picture)) for record, picture in found] == [(0, 0), (3, 3), (9, 9)]
    assert [picture.time for _, picture in found] == pytest.approx([0, 0.3, 0.9])
    assert {picture.data for _, picture in found} == {b""}


def test_each_video_is_decoded_once_in_one_pass(clips, monkeypatch):
    openings = []

    class Counted(module.Video):
        def __init__(self, path):
            openings.append(path.name)
            super().__init__(path)

    monkeypatch.setattr(module, "Video", Counted)
    records = [*frames("a.avi", range(10)), Record("0", "train", "0.png"), *frames("b.avi", [1, 2])]
    found = opened(clips, records)
    assert openings == ["a.avi", "b.avi"]
    assert [record for record, _ in found] == records
    assert found[10][1].data == (clips / "0.png").read_bytes()


def test_one_frame_at_a_time_is_held(clips):
    stream = pictures(Source(clips), frames("a.avi", range(10)))
    _, first = next(stream)
    assert isinstance(first, Picture)
    (clips / "b.avi").unlink()  # what is not read yet is not missed
    assert len(list(stream)) == 9


def test_frames_after_the_end_of_a_cut_file_are_left_out_and_those_before_are_kept(clips):
    noise = np.random.default_rng(0).integers(0, 256, (10, 48, 64, 3), dtype=np.uint8)
    write_video(clips / "a.avi", noise, 10.0)
    content = (clips / "a.avi").read_bytes()
    (clips / "a.avi").write_bytes(content[: int(0.6 * len(content))])
    found = [item for _, item in opened(clips, frames("a.avi", range(10)))]
    rejects = [item for item in found if isinstance(item, Reject)]
    assert 2 <= len(rejects) <= 8
    assert found[-len(rejects) :] == rejects
    assert {reject.reason for reject in rejects} == {"frame cannot be decoded"}
    assert rejects[0].detail == f"a.avi: {10 - len(rejects)} decoded before"


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda path: path.write_bytes(b"RIFF"), "video cannot be opened"),
        (lambda path: path.unlink(), "video cannot be read"),
    ],
)
def test_a_video_that_is_gone_since_the_labels_were_read_costs_its_own_frames(clips, damage, reason):
    damage(clips / "a.avi")
    found = opened(clips, [*frames("a.avi", [0, 1]), *frames("b.avi", [0])])
    assert [item.reason if isinstance(item, Reject) else number(item) for _, item in found] == [reason, reason, 0]


def test_a_still_is_of_no_video():
    assert video_of(Record("a", "train", "a.png", video="clip")) is None
    assert video_of(Record("a", "train", "a.mp4", frame=0)) == "a.mp4"
