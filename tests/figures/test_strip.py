import numpy as np

from fercli.figures.strip import strip_figure

PICTURE, FACE = np.zeros((90, 160, 3), np.uint8), np.zeros((40, 40, 3), np.uint8)


def test_each_moment_has_its_time_picture_face_and_a_line_for_each_run():
    said = [["fear 75%", "joy 60%\nscore 3.0"], ["", ""]]
    figure = strip_figure([0.0, 1.25], [PICTURE] * 2, [FACE, None], said, ["face_run", "context_run"], "talk.mp4")
    grid = np.array(figure.axes, dtype=object).reshape(4, 3)
    assert [axes.get_title(loc="center") for axes in grid[0]] == ["", "0.0 s", "1.2 s"]
    assert [[len(axes.images) for axes in row] for row in grid] == [[0, 1, 1], [0, 1, 0], [0, 0, 0], [0, 0, 0]]
    found = np.array([axes.texts[0].get_text() if axes.texts else "" for axes in grid.flat]).reshape(4, 3).tolist()
    assert found[1] == ["", "", "no face found"]
    assert found[2] == ["face run", "fear 75%", "-"]
    assert found[3] == ["context run", "joy 60%\nscore 3.0", "-"]
