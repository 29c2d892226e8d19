import pytest

from fercli.datasets.synthetic.drawing import draw_once
from fercli.errors import DataError

OPTIONS = {"num": 3, "names": ["a", "b"]}


def write(folder):
    (folder / "images").mkdir()
    (folder / "images" / "a").write_text("drawn")


def content(folder):
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


@pytest.mark.parametrize("exists", [False, True])
def test_a_missing_or_empty_folder_is_filled(tmp_path, exists):
    folder = tmp_path / "deep" / "raw"
    if exists:
        folder.mkdir(parents=True)
    draw_once(folder, OPTIONS, write)
    assert set(content(folder)) == {"images/a", "options.json"}
    assert [path.name for path in folder.parent.iterdir()] == ["raw"]


def test_a_whole_folder_is_left_alone(tmp_path):
    calls = []

    def counted(folder):
        calls.append(folder)
        write(folder)

    for _ in range(2):
        draw_once(tmp_path / "raw", OPTIONS, counted)
    assert len(calls) == 1


def test_other_options_are_told(tmp_path):
    draw_once(tmp_path / "raw", OPTIONS, write)
    with pytest.raises(DataError, match=r"num=4, new=1 in .*found one drawn with num=3, new=unknown"):
        draw_once(tmp_path / "raw", OPTIONS | {"num": 4, "new": 1}, write)


def test_an_interrupted_call_leaves_nothing_and_can_be_repeated(tmp_path):
    def interrupted(folder):
        (folder / "half").write_text("drawn")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        draw_once(tmp_path / "raw", OPTIONS, interrupted)
    assert not (tmp_path / "raw").exists()
    draw_once(tmp_path / "raw", OPTIONS, write)
    assert set(content(tmp_path / "raw")) == {"images/a", "options.json"}
    assert [path.name for path in tmp_path.iterdir()] == ["raw"]


def test_other_files_are_left_alone(tmp_path):
    (tmp_path / "holiday.png").write_bytes(b"dear")
    with pytest.raises(DataError, match="expected an empty folder"):
        draw_once(tmp_path, OPTIONS, write)
    assert content(tmp_path) == {"holiday.png": b"dear"}
