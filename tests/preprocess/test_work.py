import cv2
import numpy as np
import pytest

from fercli.datasets.decoder import decoded
from fercli.datasets.synthetic.faces import faces
from fercli.datasets.synthetic.film import write_video
from fercli.errors import ConfigError
from fercli.preprocess.align import template
from fercli.preprocess.codec import decode
from fercli.preprocess.context import Context
from fercli.preprocess.crop import Crop
from fercli.preprocess.detect import MTCNN
from fercli.preprocess.face import Face, Given
from fercli.records import Record


@pytest.fixture
def process(make_job):
    """Rows by id, and rejects as (id, reason)."""

    def run(records, **options):
        rows, rejects = make_job(**options).work.process(records)
        return {row["id"]: row for row in rows}, [(reject.id, reject.reason) for reject in rejects]

    return run


def test_an_image_that_nothing_changes_keeps_its_bytes(process, rows, raw):
    kept, rejects = process(rows)
    assert rejects == []
    assert all(kept[row.id]["image"] == (raw / row.image).read_bytes() for row in rows)


def test_smaller_crops_are_encoded_anew(process, rows, raw):
    image = decode(process(rows[:1], crop=Crop(24))[0]["0"]["image"])
    whole = cv2.imread(str(raw / "0.png"), cv2.IMREAD_GRAYSCALE).reshape(24, 2, 24, 2)
    assert np.abs(image - whole.mean((1, 3))).max() <= 0.5


def test_jpeg_is_written_where_asked_for(process, rows):
    assert process(rows[:1], encoding="jpeg")[0]["0"]["image"].startswith(b"\xff\xd8\xff")


def test_one_channel_makes_color_gray_and_keeps_gray_bytes(process, raw, rows):
    cv2.imwrite(str(raw / "color.png"), np.full((48, 48, 3), (0, 0, 255), np.uint8))
    kept, _ = process([rows[0], Record("c", "train", "color.png")], channels=1)
    assert kept["0"]["image"] == (raw / "0.png").read_bytes()
    np.testing.assert_array_equal(decode(kept["c"]["image"]), np.full((48, 48), 76))  # 0.299 of 255


def test_pixels_in_the_label_file_are_encoded(process):
    digit = np.random.default_rng(0).integers(0, 256, (48, 48), dtype=np.uint8)
    np.testing.assert_array_equal(decode(process([Record("d", "train", digit)])[0]["d"]["image"]), digit)


def test_labels_are_kept(process):
    labels = {"expression": "sadness", "votes": (1.0, 0.0, 9.0), "valence": -0.5, "arousal": 0.25, "score": 12.0}
    who = {
        "age": 31.0,
        "age_group": "20-39",
        "gender": "female",
        "race": "Asian",
        "subject": "s",
        "video": "v",
        "session": "s_2",
        "time": 1.5,
        "role": "query",
    }
    row = process([Record("a", "val", "0.png", **labels, **who)])[0]["a"]
    assert {name: row[name] for name in labels | who} == labels | who
    assert (row["split"], row["face_found"], row["context"]) == ("val", True, None)


def test_landmarks_move_with_the_crop(process):
    points = template(48, 0.3)
    row = process([Record("a", "train", "0.png", landmarks=points)], crop=Crop(64, margin=0.1), detector=Given())[0][
        "a"
    ]
    np.testing.assert_allclose(np.reshape(row["landmarks"], (5, 2)), template(64, 0.1), atol=1e-9)


@pytest.mark.parametrize("align", ["five_point", "eyes", "none"])
@pytest.mark.parametrize("size", [48, 101])
def test_all_68_landmarks_stay_on_what_they_mark(make_job, align, size):
    face = next(iter(faces(1, seed=4)))
    spots = [30, 36, 45, 48, 54]  # nose tip, outer corners of the eyes, corners of the mouth
    down, across = np.mgrid[:160, :160]
    dots = [np.exp(-((across - x) ** 2 + (down - y) ** 2) / 2) for x, y in face.landmarks[spots]]
    marked = np.round(255 * np.max(dots, axis=0)).astype(np.uint8)
    record = Record("a", "train", marked, landmarks=face.landmarks, box=face.box)
    rows, _ = make_job(crop=Crop(size, align), detector=Given()).work.process([record])
    points = np.reshape(rows[0]["landmarks"], (68, 2))
    crop = decode(rows[0]["image"]).astype(float)
    for x, y in points[spots]:
        reach = size // 20
        place = np.s_[round(y) - reach : round(y) + reach + 1, round(x) - reach : round(x) + reach + 1]
        window, (rows_of, columns_of) = crop[place], np.mgrid[place]
        found = [np.sum(window * columns_of) / window.sum(), np.sum(window * rows_of) / window.sum()]
        np.testing.assert_allclose(found, [x, y], atol=0.1)


def test_every_kind_of_bad_row_is_left_out_and_its_neighbors_are_not(process, rows, raw):
    (raw / "2.png").write_bytes((raw / "2.png").read_bytes()[:-30])
    (raw / "3.png").write_bytes(b"")
    (raw / "5.png").unlink()
    odd = [Record("f", "train", np.zeros((4, 4), np.float32)), Record("g", "train", "gone.png")]
    kept, rejects = process([*rows, *odd])
    assert list(kept) == ["0", "1", "4", "6", "7", "8", "9"]
    assert rejects == [
        ("2", "image cannot be decoded"),
        ("3", "image cannot be decoded"),
        ("5", "image cannot be read"),
        ("f", "image cannot be decoded"),
        ("g", "image cannot be read"),
    ]


def test_rows_without_a_face_or_with_an_impossible_one_are_left_out(process):
    records = [
        Record("none", "train", "0.png"),
        Record("empty", "train", "0.png", box=(5, 5, 5, 9)),
        Record("coincide", "train", "0.png", landmarks=np.full((5, 2), 7.0)),
        Record("good", "train", "0.png", box=(5, 5, 30, 30)),
    ]
    kept, rejects = process(records, detector=Given())
    assert list(kept) == ["good"]
    assert rejects == [
        ("none", "no face given"),
        ("empty", "face box has no area"),
        ("coincide", "face box has no area"),
    ]


@pytest.mark.parametrize("no_face", ["leave_out", "center"])
def test_a_box_beside_the_image_is_left_out_and_one_that_is_partly_outside_is_kept(process, no_face):
    records = [
        Record("beside", "train", "0.png", box=(100, 100, 200, 200)),
        Record("partly", "train", "0.png", box=(30, 30, 90, 90)),
    ]
    kept, rejects = process(records, detector=Given(), no_face=no_face)
    assert rejects == [("beside", "face box beside the image")]
    assert decode(kept["partly"]["image"]).any()


def test_an_image_that_declares_too_many_pixels_is_left_out(process, rows):
    kept, rejects = process(rows[:1], max_megapixels=0.002)
    assert (kept, rejects) == ({}, [("0", "image is larger than max_megapixels")])


def test_transparency_is_stored_as_it_is_seen(process, raw):
    hidden = np.full((48, 48, 4), 250, np.uint8)
    hidden[..., 3] = 0
    cv2.imwrite(str(raw / "hidden.png"), hidden)
    row = process([Record("a", "train", "hidden.png")])[0]["a"]
    assert row["image"] != (raw / "hidden.png").read_bytes()
    assert not decoded(row["image"], 3).any()


def test_an_uncertain_face_is_left_out_with_its_confidence_or_the_middle_stands_for_it(make_job, rows):
    detector = MTCNN(min_confidence=0.9)
    detector.detect = lambda images: [[Face((9, 9, 39, 39), confidence=0.1 * (8 + i))] for i, _ in enumerate(images)]
    kept, rejects = make_job(detector=detector).work.process(rows[:2])
    assert [row["id"] for row in kept] == ["1"]
    (reject,) = rejects
    assert (reject.reason, reject.detail) == ("confidence of the face is too low", "expected at least 0.9; found 0.8")
    kept, rejects = make_job(detector=detector, no_face="center").work.process(rows[:2])
    assert rejects == []
    assert [row["face_found"] for row in kept] == [False, True]


def test_a_reject_keeps_split_and_class_for_the_account(make_job, raw):
    reject = make_job().work.process([Record("a", "test", "gone.png", expression="sadness")])[1][0]
    assert (reject.split, reject.expression) == ("test", "sadness")


def test_a_file_name_in_an_older_encoding_is_escaped(make_job, raw):
    (raw / "\udce9.png").write_bytes(b"")
    reject = make_job().work.process([Record("a", "test", "\udce9.png")])[1][0]
    assert reject.detail == "\\udce9.png: empty file"


def test_check_names_the_same_unreadable_rows(make_job, rows, raw):
    (raw / "2.png").write_bytes(b"")
    work = make_job().work
    rejects, sizes = work.check(rows)
    assert rejects == work.process(rows)[1] != []
    assert sizes.total() == len(rows) - len(rejects)


def test_the_scene_is_kept_where_asked_for(process, rows, raw):
    record = Record("a", "train", "0.png", box=(10, 10, 30, 30))
    assert process([record], detector=Given())[0]["a"]["context"] is None
    assert process([record], detector=Given())[0]["a"]["face_box"] is None
    row = process([record], detector=Given(), context=Context(True, 24, 24))[0]["a"]
    whole = cv2.imread(str(raw / "0.png"), cv2.IMREAD_GRAYSCALE).reshape(24, 2, 24, 2)
    np.testing.assert_allclose(decode(row["context"]), whole.mean((1, 3)), atol=0.51)
    assert row["face_box"] == (4.75, 4.75, 14.75, 14.75)
    assert (
        process([record], detector=Given(), context=Context(True), encoding="jpeg")[0]["a"]["context"][:2]
        == b"\xff\xd8"
    )


def test_the_middle_stands_for_a_missing_face_where_asked_for(process, rows):
    records = [rows[0], Record("b", "train", "1.png", box=(5, 5, 30, 30))]
    kept, rejects = process(records, detector=Given(), no_face="center", crop=Crop(24), context=Context(True))
    assert rejects == []
    assert (kept["0"]["face_found"], kept["b"]["face_found"]) == (False, True)
    assert kept["0"]["landmarks"] is None
    middle, _ = process(
        [Record("m", "train", "0.png", box=(9.1, 9.1, 37.9, 37.9))], detector=Given(), crop=Crop(24, margin=0)
    )
    np.testing.assert_array_equal(decode(kept["0"]["image"]), decode(middle["m"]["image"]))
    assert kept["0"]["face_box"] is None  # nothing is known of a face
    assert kept["b"]["face_box"] is not None


@pytest.fixture
def frames(raw):
    """Records of twelve frames: five of each of two whole videos, and two of one that ends before."""
    for name, length in (("a.avi", 5), ("b.avi", 5), ("c.avi", 2)):
        write_video(raw / name, np.random.default_rng(0).integers(0, 256, (length, 48, 48, 3), dtype=np.uint8), 10.0)
    lengths = {"a.avi": 5, "b.avi": 5, "c.avi": 4}
    return [
        Record(
            f"{name}/{i}", "train", name, frame=i, video=name[0], box=None if name == "b.avi" and i else (9, 9, 39, 39)
        )
        for name, length in lengths.items()
        for i in range(length)
    ]


def test_frames_of_videos_become_rows_with_their_time(process, frames):
    kept, rejects = process(frames)
    assert [row["time"] for name, row in kept.items() if name.startswith("a.avi")] == pytest.approx(
        [0, 0.1, 0.2, 0.3, 0.4]
    )
    assert {row["video"] for row in kept.values()} == {"a", "b", "c"}
    assert rejects == [("c.avi/2", "frame cannot be decoded"), ("c.avi/3", "frame cannot be decoded")]


def test_a_video_that_keeps_too_few_frames_is_left_out_as_a_whole(make_job, frames, rows):
    work = make_job(detector=Given(), min_frames=2).work
    still = Record("s", "train", "0.png", box=(9, 9, 39, 39), video="b")
    kept, rejects = work.process([*frames, still])
    assert [row["id"] for row in kept] == [f"a.avi/{i}" for i in range(5)] + ["c.avi/0", "c.avi/1", "s"]
    assert [(r.id, r.reason) for r in rejects if r.id.startswith("b.avi")] == [
        ("b.avi/0", "video keeps too few frames"),
        *((f"b.avi/{i}", "no face given") for i in range(1, 5)),
    ]
    assert rejects[0].detail == "b.avi: expected 2, found 1"


def test_check_knows_which_videos_decode_too_few_frames(make_job, frames):
    work = make_job(min_frames=3).work
    assert [(r.id, r.reason) for r in work.check(frames)[0]] == [
        ("c.avi/0", "video keeps too few frames"),
        ("c.avi/1", "video keeps too few frames"),
        ("c.avi/2", "frame cannot be decoded"),
        ("c.avi/3", "frame cannot be decoded"),
    ]
    assert work.check(frames)[0] == work.process(frames)[1]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"no_face": "centre"}, "did you mean 'center'"),
        ({"min_frames": -1}, "min_frames as a whole number"),
    ],
)
def test_wrong_options_are_refused(make_job, options, message):
    with pytest.raises(ConfigError, match=message):
        make_job(**options)
