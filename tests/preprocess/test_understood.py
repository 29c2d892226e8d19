from collections import Counter

from fercli.preprocess.understood import understood
from fercli.records import DataInfo, Record
from fercli.scales import BDI_II, named


class Reader:
    info = DataInfo("x", "X", "none")

    def read(self, source):
        return ()


class Telling(Reader):
    def understood(self, source):
        return {"table": "x.csv"}


def scored(scores):
    return [Record(str(i), ("train", "test")[i % 2], "a.png", score=score) for i, score in enumerate(scores)]


def test_labels_splits_people_and_sizes_in_words():
    records = [
        Record("a", "train", "a.png", expression="fear", subject="p", video="v"),
        Record("b", "test", "b.png", expression="\x1bjoy", subject="p", valence=0.5),
    ]
    sizes = Counter({(48, 40): 1, (640, 480): 2, (1920, 1080): 1})
    assert understood(Telling(), None, records, sizes, BDI_II, "as drawn") == {
        "table": "x.csv",
        "classes": r"fear (1), \x1bjoy (1)",
        "valence": "0.5 to 0.5, in 1 row",
        "splits": "1 train, 1 test (as drawn)",
        "subjects": "1",
        "sessions": "not given",
        "videos": "1",
        "image sizes": "48 x 40 to 1920 x 1080 pixels, most often 640 x 480 pixels",
    }


def test_scores_that_use_half_of_the_range_raise_a_doubt():
    few, many = scored([3.0, 20]), scored([float(i) for i in range(28)])
    assert understood(Reader(), None, few, {}, BDI_II)["score"] == "3 to 20 on the BDI-II, 0 to 63 points, in 2 rows"
    assert understood(Reader(), None, many, {}, BDI_II)["score"].endswith("is this the right scale? scale=...")
    assert understood(Reader(), None, many, {}, named("phq9"))["score"].endswith("in 28 rows")


def test_nothing_is_said_of_videos_where_there_are_none():
    found = understood(Reader(), None, scored([1.0, 2]), {(8, 8): 2}, BDI_II)
    assert list(found) == ["score", "splits", "subjects", "image sizes"]
    assert "name the column subject" in found["subjects"]
    assert found["image sizes"] == "all 8 x 8 pixels"
