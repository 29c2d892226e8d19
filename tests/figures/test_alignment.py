import numpy as np

from fercli.figures.alignment import alignment_figure
from fercli.records import Steps


def example(value):
    image = np.full((30, 40, 3), value, np.uint8)
    points = np.array([[10.0, 12], [20, 12], [15, 17], [11, 20], [19, 20]])
    return Steps(image, (5.0, 6, 25, 26), points, image[:16, :16], image[:8, :8])


def test_each_image_has_a_row_of_its_three_steps():
    figure = alignment_figure([example(10), example(200)])
    cells = np.array(figure.axes).reshape(2, 3)
    assert [cell.get_title() for cell in cells[0]] == ["raw image", "aligned", "cropped"]
    for row, value in zip(cells, (10, 200), strict=True):
        arrays = [np.asarray(cell.images[0].get_array()) for cell in row]
        assert [array.shape for array in arrays] == [(30, 40, 3), (16, 16, 3), (8, 8, 3)]
        assert all((array == value).all() for array in arrays)


def test_the_box_and_the_landmarks_lie_on_the_raw_image_and_the_frame_of_the_crop_on_the_aligned_one():
    shown = example(10)
    raw, aligned, crop = alignment_figure([shown]).axes
    assert raw.patches[0].get_bbox().extents.tolist() == [5, 6, 25, 26]
    np.testing.assert_array_equal(raw.collections[0].get_offsets(), shown.points)
    assert aligned.patches[0].get_bbox().extents.tolist() == [3.5, 3.5, 11.5, 11.5]  # edges of pixels 4 to 11
    assert not crop.patches
