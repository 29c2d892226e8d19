import pytest

from fercli.cli.bars import Counted, bar


def ended_by_an_error(done, total):
    with bar("images") as shown:
        shown.update(shown.add_task("reading labels", total=total), completed=done)
        raise ValueError("wrong")


@pytest.mark.parametrize(("done", "total"), [(0, None), (0, 5)])
def test_a_bar_without_progress_leaves_nothing_above_an_error(capsys, done, total):
    with pytest.raises(ValueError, match="wrong"):
        ended_by_an_error(done, total)
    assert capsys.readouterr().err == ""


def test_a_bar_says_how_far_it_came_before_an_error(capsys):
    with pytest.raises(ValueError, match="wrong"):
        ended_by_an_error(3, 5)
    assert "3/5" in capsys.readouterr().err


@pytest.mark.parametrize("total", [0, None])
def test_a_bar_that_ended_well_stays_if_it_had_something_to_count(capsys, total):
    with bar("images") as shown:
        shown.add_task("reading labels", total=total)
    assert ("reading labels" in capsys.readouterr().err) == (total is not None)


def test_a_counted_bar_shows_with_its_first_call(capsys):
    with Counted("evaluating", "samples"):
        pass
    assert capsys.readouterr().err == ""
    with Counted("evaluating", "samples") as progress:
        for done in range(4):
            progress(done, 3)
    assert "evaluating" in (text := capsys.readouterr().err)
    assert "3/3" in text


def test_a_bar_leaves_room_for_what_a_terminal_shows_of_ctrl_c(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    for terminal, width in (("1", 77), ("0", 80)):
        monkeypatch.setenv("TTY_COMPATIBLE", terminal)
        assert bar("images").console.width == width
