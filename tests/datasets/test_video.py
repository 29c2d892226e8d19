"""Frames and their times, of whole files and of those that are cut off, lie about their rate, or have none."""

import os
import struct

import cv2
import numpy as np
import pytest

from fercli.datasets.synthetic.film import write_video
from fercli.datasets.timeline import Timeline
from fercli.datasets.video import FrameSampling, Video, VideoError, probe
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
    timeline = probe(path)
    assert (timeline.num_frames, timeline.declared_seconds) == (NUM_FRAMES, pytest.approx(NUM_FRAMES / RATE))
    assert timeline.frames_per_second == pytest.approx(RATE)
    assert (timeline.shortfall, timeline.remarks) == ("", [])
    assert frames(path) == [(i, i, i / RATE) for i in range(NUM_FRAMES)]


def test_frames_are_rgb(tmp_path):
    write_video(tmp_path / "red.avi", [np.full((48, 64, 3), (200, 0, 0), np.uint8)] * 2, RATE)
    with Video(tmp_path / "red.avi") as video:
        assert next(video.frames()).image.mean((0, 1)) == pytest.approx([200, 0, 0], abs=3)


def test_frames_of_a_variable_rate_have_their_own_times(mp4):
    last(mp4, [(10, TICKS // 2), (10, 3 * TICKS // 2)])
    times = [0.05 * i for i in range(10)] + [0.5 + 0.15 * i for i in range(10)]
    assert frames(mp4) == [(i, i, times[i]) for i in range(NUM_FRAMES)]
    assert probe(mp4).times.tolist() == pytest.approx(times)
    wanted = FrameSampling(frames_per_second=4).choose(probe(mp4))
    assert [index for index, _ in wanted] == [0, 5, 10, 12, 13, 15, 17, 18]
    with Video(mp4) as video:  # a time that no frame has is that of a frame which cannot be decoded
        picked = [frame and number(frame.image) for frame in video.pick([*wanted[:3], (11, 0.6), *wanted[3:]])]
    assert picked == [0, 5, 10, None, 12, 13, 15, 17, 18]


def test_frames_are_picked_by_number_or_time(avi):
    with Video(avi) as video:
        picked = [
            (frame.index, number(frame.image)) for frame in video.pick([(0, None), (3, None), (3, None), (7, 0.7)])
        ]
    assert picked == [(0, 0), (3, 3), (3, 3), (7, 7)]


def test_a_file_that_is_cut_off_gives_the_frames_before(avi):
    avi.write_bytes(avi.read_bytes()[: int(0.7 * avi.stat().st_size)])
    found = frames(avi)
    assert probe(avi).num_frames == len(found)
    assert probe(avi).shortfall.startswith(f"{len(found)} frames of {len(found) / RATE:.1f} s could be read, and its ")
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
    write_video(path, [gray(0), gray(1)], RATE)
    path.write_bytes(no_rate_mp4(path.read_bytes()))
    with pytest.raises(VideoError, match="rate is zero or meaningless"):
        probe(path)


JITTERED = np.sort((np.arange(300) / 30 + np.random.default_rng(0).uniform(-0.012, 0.012, 300)).clip(0))
CHANGING = np.concatenate([np.arange(150) / 30, 5 + np.arange(25) / 5])  # 30 frames a second, then 5
ONE_WRONG = np.where(np.arange(300) == 100, 0, JITTERED)
STARTED_AGAIN = np.tile(JITTERED[:150], 2)


@pytest.mark.parametrize(
    "head", [{}, {"rate": 5}, {"rate": 120, "seconds": 2.0}, {"seconds": 10.0}, {"seconds": 900.0}]
)
@pytest.mark.parametrize(
    "times", [JITTERED, CHANGING, ONE_WRONG, STARTED_AGAIN], ids=["jit", "change", "wrong", "again"]
)
def test_ten_seconds_at_one_frame_a_second_are_ten_frames_whatever_the_head_says(tmp_path, write_webm, times, head):
    path = write_webm(tmp_path / "a.webm", [gray(i % 20) for i in range(len(times))], times, **head)
    timeline = probe(path)
    assert timeline.num_frames == len(times)
    assert timeline.seconds == pytest.approx(10, abs=0.2)  # how long the last frame is shown, no file says
    chosen = FrameSampling(frames_per_second=1).choose(timeline)
    assert [time for _, time in chosen] == pytest.approx(range(10), abs=0.03)
    with Video(path) as video:
        picked = [(number(frame.image), frame.time) for frame in video.pick(chosen)]
    assert picked == [(index % 20, time) for index, time in chosen]
    assert bool(timeline.remarks) == (times is ONE_WRONG or times is STARTED_AGAIN)
    assert bool(timeline.shortfall) == (head == {"seconds": 900.0})


def test_frames_without_times_have_the_rate_of_the_head_and_are_told(tmp_path, write_webm):
    path = write_webm(tmp_path / "a.webm", [gray(i) for i in range(20)], [0.0] * 20, rate=5)
    assert probe(path).times.tolist() == pytest.approx(np.arange(20) / 5)
    assert probe(path).remarks[0].startswith("19 of 20 frames have no time of their own")
    write_webm(path, [gray(0)] * 2, [0.0] * 2)
    with pytest.raises(VideoError, match=r"a\.webm: its rate is zero or meaningless"):
        probe(path)


def test_a_length_that_is_declared_costs_no_memory(avi):
    content = bytearray(avi.read_bytes())
    for place in (content.find(b"avih") + 24, content.find(b"strh") + 40):
        struct.pack_into("<I", content, place, 2**31 - 1)
    avi.write_bytes(content)
    timeline = probe(avi)
    assert (timeline.num_frames, timeline.declared_seconds) == (NUM_FRAMES, pytest.approx((2**31 - 1) / RATE))
    assert len(FrameSampling(frame_stride=1).choose(timeline)) == NUM_FRAMES
    assert len(FrameSampling(frames_per_second=2).choose(timeline)) == 4


def test_frames_that_are_too_large_are_refused_before_they_are_decoded(tmp_path, write_webm):
    path = write_webm(tmp_path / "a.webm", [np.zeros((8200, 8200), np.uint8)], [0])
    with pytest.raises(VideoError) as raised:
        probe(path)
    assert raised.value.reason == "video has too large frames"
    assert "frames of 8,200 x 8,200 pixels; expected at most 67,108,864 pixels" in str(raised.value)


@pytest.mark.parametrize("name", [b"Ren\xe9.avi", b"12:30.avi", b"a%03d.avi", b"concat:b|c.avi", "größe.avi".encode()])
def test_any_name_of_a_file_is_read(avi, tmp_path, monkeypatch, name):
    avi.rename(os.fsdecode(os.fsencode(tmp_path) + b"/" + name))
    monkeypatch.chdir(tmp_path)
    assert len(frames(os.fsdecode(name))) == NUM_FRAMES


def test_a_name_that_is_no_utf8_is_told_in_escapes(tmp_path):
    path = tmp_path / os.fsdecode(b"Ren\xe9.avi")
    path.write_bytes(b"no video")
    with pytest.raises(VideoError, match=r"^Ren\\udce9.avi: damaged"):
        probe(path)


def test_frames_of_a_phone_are_turned_as_the_file_says(mp4):
    quarter = struct.pack(">9i", 0, 1 << 16, 0, -(1 << 16), 0, 0, 0, 0, 1 << 30)  # to the right
    content = bytearray(mp4.read_bytes())
    place = content.find(struct.pack(">9i", 1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30), content.find(b"tkhd"))
    content[place : place + len(quarter)] = quarter
    mp4.write_bytes(content)
    with Video(mp4) as video:
        assert next(video.frames()).image.shape == (64, 48, 3)
    with Video(mp4) as video:
        assert [frame.image.shape for frame in video.pick([(0, 0.0), (19, 1.9)])] == [(64, 48, 3)] * 2


@pytest.mark.parametrize("kind", ["mp4", "avi"])
def test_a_damaged_video_ends(kind, request):
    """One byte in a hundred changed, at many places: each ends in frames or in a reason, in no other error."""
    path = request.getfixturevalue(kind)
    whole, rng, num_read, num_refused = path.read_bytes(), np.random.default_rng(0), 0, 0
    for _ in range(40):
        changed = np.frombuffer(whole, np.uint8).copy()
        places = rng.integers(0, len(changed), len(changed) // 100)
        changed[places] = rng.integers(0, 256, len(places))
        path.write_bytes(changed.tobytes())
        try:
            timeline = probe(path)
            with Video(path) as video:
                list(video.pick(FrameSampling(frame_stride=1).choose(timeline)))
            num_read += 1
        except VideoError:
            num_refused += 1
    assert (num_read + num_refused, num_read > 0, num_refused > 0) == (40, True, True)


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
    picked = FrameSampling(**options).choose(Timeline(np.arange(NUM_FRAMES) / RATE))
    assert picked == [(index, index / RATE) for index in chosen]


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
