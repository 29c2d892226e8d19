"""Frames and their times, of whole files and of those that are cut off, lie about their rate, or have none."""

import struct

import cv2
import numpy as np
import pytest

from fercli.datasets.synthetic.film import write_video
from fercli.datasets.video import FrameSampling, Video, VideoError, VideoInfo, probe
from fercli.errors import ConfigError

NUM_FRAMES, RATE = 20, 10.0
TICKS = 1024  # of one frame in the MP4 that OpenCV writes


def gray(index):
    """A frame whose gray value tells its number, with noise, so that a compressed file is not tiny."""
    noise = np.random.default_rng(index).integers(-4, 5, (48, 64, 3))
    return (10 * index + 20 + noise).clip(0, 255).astype(np.uint8)


def number(image):
    return round((image.mean() - 20) / 10)


@pytest.fixture
def mp4(tmp_path):
    write_video(tmp_path / "a.mp4", map(gray, range(NUM_FRAMES)), RATE)
    return tmp_path / "a.mp4"


@pytest.fixture
def avi(tmp_path):
    write_video(tmp_path / "a.avi", map(gray, range(NUM_FRAMES)), RATE)
    return tmp_path / "a.avi"


def last(path, runs):
    """Give the frames of an MP4 other durations: runs of (number of frames, ticks of each)."""
    data = path.read_bytes()
    at = data.find(b"stts") - 4
    body = struct.pack(">4sII", b"stts", 0, len(runs)) + b"".join(struct.pack(">II", *run) for run in runs)
    (old,) = struct.unpack_from(">I", data, at)
    changed = bytearray(data[:at] + struct.pack(">I", len(body) + 4) + body + data[at + old :])
    for box in (b"moov", b"trak", b"mdia", b"minf", b"stbl"):
        place = changed.find(box) - 4
        struct.pack_into(">I", changed, place, struct.unpack_from(">I", changed, place)[0] + len(body) + 4 - old)
    path.write_bytes(changed)


def frames(path):
    with Video(path) as video:
        return [(frame.index, number(frame.image), pytest.approx(frame.time)) for frame in video.frames()]


@pytest.mark.parametrize("kind", ["mp4", "avi"])
def test_every_frame_comes_with_its_time(kind, request):
    path = request.getfixturevalue(kind)
    assert probe(path) == VideoInfo(NUM_FRAMES, RATE, 64, 48)
    assert frames(path) == [(i, i, i / RATE) for i in range(NUM_FRAMES)]


def test_frames_are_rgb(tmp_path):
    write_video(tmp_path / "red.avi", [np.full((48, 64, 3), (200, 0, 0), np.uint8)] * 2, RATE)
    with Video(tmp_path / "red.avi") as video:
        assert next(video.frames()).image.mean((0, 1)) == pytest.approx([200, 0, 0], abs=3)


def test_frames_of_a_variable_rate_have_their_own_times(mp4):
    last(mp4, [(10, TICKS // 2), (10, 3 * TICKS // 2)])
    times = [0.05 * i for i in range(10)] + [0.5 + 0.15 * i for i in range(10)]
    assert frames(mp4) == [(i, i, times[i]) for i in range(NUM_FRAMES)]
    with Video(mp4) as video:  # a time chooses the first frame from then on, whatever number it has
        picked = [number(frame.image) for frame in video.pick([(0, 0.0), (5, 0.52), (10, 1.04), (15, 1.5)])]
    assert picked == [0, 10, 14, 17]


def test_frames_are_picked_by_number_or_time(avi):
    with Video(avi) as video:
        picked = [
            (frame.index, number(frame.image)) for frame in video.pick([(0, None), (3, None), (3, None), (7, 0.66)])
        ]
    assert picked == [(0, 0), (3, 3), (3, 3), (7, 7)]


def test_a_file_that_is_cut_off_gives_the_frames_before(avi):
    avi.write_bytes(avi.read_bytes()[: int(0.7 * avi.stat().st_size)])
    assert probe(avi).num_frames == NUM_FRAMES
    found = frames(avi)
    assert 5 < len(found) < NUM_FRAMES
    assert found == [(i, i, i / RATE) for i in range(len(found))]
    with Video(avi) as video:
        picked = list(video.pick([(2, None), (len(found) - 1, None), (len(found), None), (19, 1.9)]))
    assert [frame and frame.index for frame in picked] == [2, len(found) - 1, None, None]


def test_a_stream_that_does_not_say_its_length_is_counted(tmp_path):
    stream = tmp_path / "a.mjpeg"
    stream.write_bytes(b"".join(cv2.imencode(".jpg", gray(i))[1].tobytes() for i in range(7)))
    assert probe(stream).num_frames == 7
    assert [time for _, _, time in frames(stream)] == [i / 25 for i in range(7)]  # FFmpeg's rate of such streams


def no_rate_mp4(data):
    return data[: data.find(b"stts") + 16] + bytes(4) + data[data.find(b"stts") + 20 :]


def no_rate_avi(data):
    place = data.find(b"strh") + 8 + 20
    return data[:place] + bytes(8) + data[place + 8 :]


@pytest.mark.parametrize(
    ("kind", "damage", "reason"),
    [
        ("mp4", lambda data: b"", "video cannot be opened"),
        ("mp4", lambda data: b"no video at all" * 99, "video cannot be opened"),
        ("mp4", lambda data: data[: len(data) // 2], "video cannot be opened"),  # its index lies at the end
        ("avi", no_rate_avi, "video has no frame rate"),
        ("avi", lambda data: data[:400], "video cannot be opened"),
    ],
)
def test_what_cannot_be_used_says_why(kind, damage, reason, request, capfd):
    path = request.getfixturevalue(kind)
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(VideoError) as raised:
        probe(path)
    assert raised.value.reason == reason
    assert path.name in str(raised.value)
    assert capfd.readouterr().err == ""


def test_an_mp4_whose_frames_have_no_duration_has_no_rate(tmp_path):
    path = tmp_path / "a.mp4"
    write_video(path, [gray(0)], RATE)
    path.write_bytes(no_rate_mp4(path.read_bytes()))
    with pytest.raises(VideoError, match="rate is zero or meaningless"):
        probe(path)


@pytest.mark.parametrize(
    ("options", "chosen"),
    [
        ({"frame_stride": 1}, list(range(20))),
        ({"frame_stride": 7}, [0, 7, 14]),
        ({"frame_stride": 50}, [0]),
        ({"frames_per_second": 2}, [0, 5, 10, 15]),
        ({"frames_per_second": 3}, [0, 3, 7, 10, 13, 17]),
        ({"frames_per_second": 0.1}, [0]),
        ({"frames_per_second": 30}, list(range(20))),
        ({"frame_stride": 1, "max_frames_per_video": 4}, [2, 7, 12, 17]),
        ({"frame_stride": 1, "max_frames_per_video": 1}, [10]),
        ({"frame_stride": 10, "max_frames_per_video": 4}, [0, 10]),
        ({"frames_per_second": 5, "max_frames_per_video": 2}, [4, 14]),
    ],
)
def test_sampling(options, chosen):
    picked = FrameSampling(**options).choose(VideoInfo(NUM_FRAMES, RATE, 64, 48))
    assert [index for index, _ in picked] == chosen
    has_times = "frames_per_second" in options and options["frames_per_second"] < RATE
    assert all((time is None) != has_times for _, time in picked)


def test_times_of_a_sample_name_the_frames_of_its_numbers(avi):
    wanted = FrameSampling(frames_per_second=3).choose(probe(avi))
    with Video(avi) as video:
        assert [frame.index for frame in video.pick(wanted)] == [index for index, _ in wanted]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "one of sampling.frame_stride and"),
        ({"frame_stride": 2, "frames_per_second": 1}, "found 2 and 1"),
        ({"frame_stride": 0}, "frame_stride as a whole number, at least 1; found 0"),
        ({"frame_stride": 1.5}, "found 1.5"),
        ({"frame_stride": 1, "max_frames_per_video": 0}, "max_frames_per_video"),
        ({"frames_per_second": 0}, "positive number; found 0"),
        ({"frames_per_second": float("inf")}, "positive number"),
    ],
)
def test_wrong_sampling_is_refused(options, message):
    with pytest.raises(ConfigError, match=message):
        FrameSampling(**options)
