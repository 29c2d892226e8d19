import json

from rich.console import Console

from fercli.cli.accounts import account_json, account_table
from fercli.preprocess.files import Counted
from fercli.preprocess.summary import Summary
from fercli.records import Reject

REJECTS = (
    Reject("a", "train", "fear", "no face found"),
    Reject("b", "train", "", "no majority class", "3 and 3"),
    Reject("c", "test", "fear", "no face found"),
    Reject("../d", "", "", "zip entry outside its folder"),
)


def lines(summary):
    console = Console(width=100, color_system=None)
    with console.capture() as captured:
        console.print(account_table("x", summary))
    return [" ".join(line.replace("│", " ").split()) for line in captured.get().splitlines()]


def test_every_row_is_accounted_for():
    printed = lines(Summary({"train": {"neutral": 1200, "fear": 3}, "test": {"fear": 2}}, REJECTS))
    assert "x: 1,205 rows kept, 4 left out" in printed
    for line in (
        "neutral 1,200 - - -",
        "fear 3 1 2 1",
        "(no class) - 1 - -",
        "all 1,203 2 2 1",
        "no face found fear 1 1 - a",
        "no majority class 1 - - 3 and 3",
        "zip entry outside its folder - - 1 ../d",
    ):
        assert line in printed


def test_a_long_list_of_classes_is_summed_up():
    rejects = tuple(Reject(str(i), "train", f"item {i}", "no face found") for i in range(60))
    printed = lines(Summary({"train": {f"item {i}": 2 for i in range(100)}}, rejects))
    assert "all 200 60" in printed
    assert "no face found 60 0" in printed
    assert len(printed) < 20


def test_an_example_is_shown_as_text_without_control_characters_and_not_endlessly():
    printed = lines(Summary({"train": {"fear": 1}}, (Reject("a", "train", "", "r", "[red]\x1b[2J" + 300 * "x"),)))
    assert any(line.startswith(r"[red]\x1b[2Jxxx") for line in printed)
    assert sum(line.count("x") for line in printed) < 110


def test_nothing_left_out_prints_no_second_table():
    assert not any("reason" in line for line in lines(Summary({"train": {"fear": 1}}, ())))


def test_files_that_became_no_row_and_images_that_repeat_are_counted_with_an_example():
    summary = Summary(
        {"train": {"fear": 2}},
        (),
        unread={".mp4": Counted(1200, "a/b.mp4")},
        repeats={("train", "train"): Counted(2, "a and b"), ("train", "test"): Counted(1, "a and c")},
    )
    printed = lines(summary)
    assert ".mp4 1,200 a/b.mp4" in printed
    assert "train 2 a and b" in printed
    assert "train and test 1 a and c" in printed
    account = json.loads(account_json(summary, None))
    assert account["unread"] == [{"suffix": ".mp4", "files": 1200, "example": "a/b.mp4"}]
    assert account["repeats"][1] == {"splits": ["train", "test"], "rows": 1, "example": "a and c"}
