"""Figures of a page: one drawing for both color schemes, and no more bytes than a page has room for."""

import base64
import io
import re
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from fercli.figures.across import across_figure
from fercli.figures.classes import confusion_matrix_figure
from fercli.figures.curves import training_curves_figure
from fercli.figures.figure import NamedFigure, Points, figure_bytes
from fercli.figures.samples import image_rows_figure
from fercli.figures.scatter import Panel, feature_scatter_figure
from fercli.figures.similarity import adjacency_figure, cosine_map_figure
from fercli.pages import svg
from fercli.pages.drawings import DRAWING_BYTES, PHOTO_BYTES, draw
from fercli.pages.photos import THUMBNAIL, THUMBNAIL_BYTES, thumbnail_sheet

NOISE = np.random.default_rng(0).integers(0, 256, (40, 64, 64, 3), dtype=np.uint8)


def curves(num_lines=2, num_epochs=5):
    values = np.arange(float(num_epochs))
    history = {"epoch": values + 1, **{f"train/loss {i}": values / (i + 1) for i in range(num_lines)}}
    return NamedFigure("curves", "Curves", training_curves_figure(history, {}))


def test_axes_and_text_follow_the_color_scheme_and_stay_text():
    (drawing,) = draw([curves()])
    root = ElementTree.fromstring(drawing.markup)
    assert {"training loss", "epoch", "loss 1"} <= {text.text for text in root.iter("text")}
    styles = " ".join(element.get("style", "") for element in root.iter())
    assert "var(--ink)" in styles
    assert not re.search(r"#000000|#ffffff|#e4e4e4|font-family", styles)
    assert root.get("aria-label") == "Curves"


EYE = np.eye(2)
HEAT_MAPS = {
    "confusion_matrix": lambda: confusion_matrix_figure(EYE.astype(int), ["a", "b"]),
    "across": lambda: across_figure(EYE, ["a", "b"], decimals=0),
    "across, lower is better": lambda: across_figure(1 - EYE, ["a", "b"], decimals=0, higher=False),
    "cosines": lambda: cosine_map_figure(np.array([[1.0, 0.0], [0.1, 1.0]]), ["a", "b"]),
    "adjacency": lambda: adjacency_figure(EYE + 0.1, ["a", "b"]),
}


@pytest.mark.parametrize("name", HEAT_MAPS)
def test_the_cells_of_a_heat_map_are_shades_over_the_page(name):
    """On a dark page, a small value is dark, and its number has the color of the page's text."""
    (drawing,) = draw([NamedFigure("a", "", HEAT_MAPS[name]())])
    root = ElementTree.fromstring(drawing.markup)
    places = [image.get("href").partition(",")[2] for image in root.iter("image")]
    images = [Image.open(io.BytesIO(base64.b64decode(place))) for place in places]
    assert images
    assert all(image.mode == "RGBA" for image in images)
    assert min(image.getchannel("A").getextrema()[0] for image in images) < 40
    numbers = [text.get("style") for text in root.iter("text") if re.fullmatch(r"[\d.]+%?", text.text or "")]
    assert any("#ffffff" in style for style in numbers)
    assert all("#ffffff" in style or "var(--ink)" in style or "fill" not in style for style in numbers)


def test_no_figure_draws_in_a_dark_gray_that_no_color_scheme_changes():
    for file in Path(svg.__file__).parents[1].glob("figures/*.py"):
        for gray in re.findall(r"#([0-5][0-9a-f])\1\1\b", file.read_text("utf-8")):
            assert {f"#{gray * 3}"} <= {*svg.STROKES} & {*svg.FILLS}, file


def test_no_two_figures_share_an_id():
    markup = "".join(drawing.markup for drawing in draw([curves(), curves()]))
    ids = re.findall(r' id="([^"]*)"', markup)
    assert ids
    assert len(set(ids)) == len(ids)
    assert set(re.findall(r"url\(#([^)]*)\)", markup)) <= set(ids)


def test_the_figure_for_a_paper_is_the_same_after_the_page():
    figure = image_rows_figure([NOISE[:3]], ["a"])
    before = figure_bytes(figure, "png")
    draw([NamedFigure("a", "", figure)])
    assert figure_bytes(figure, "png") == before


def test_values_lie_where_the_lines_are_drawn():
    (drawing,) = draw([curves()])
    (panel,) = drawing.data["panels"]
    left, top, right, bottom = panel["box"]
    assert panel["x"] == "epoch"
    line = panel["lines"][1]
    assert (line["label"], line["values"][2]) == ("loss 1", ["3", "1"])
    drawn = re.findall(r'd="M ([^"]*)" clip-path', drawing.markup)
    ends = [[float(number) for number in path.split()[:2]] for path in drawn]
    assert any(np.allclose(line["places"][0], end, atol=0.2) for end in ends)
    assert all(left <= x <= right and top <= y <= bottom for x, y in line["places"])


def dots(number):
    places = np.random.default_rng(1).normal(size=(number, 2))
    figure = feature_scatter_figure({"a": Panel(places, np.zeros(number, dtype=int))}, ["a"])
    images = [NOISE[i % len(NOISE)] for i in range(number)]
    return NamedFigure("features", "Features", figure, Points(places, [f"sample {i}" for i in range(number)], images))


def test_thumbnails_lie_in_the_order_of_the_dots():
    (drawing,) = draw([dots(5)])
    found = drawing.data["dots"]
    assert (found["images"], found["columns"], len(found["places"])) == (5, 3, 5)
    assert found["words"][4] == ["sample 4"]
    assert found["sheet"].startswith("data:image/webp;base64,")


@pytest.mark.parametrize("shape", [(9, 3), (3, 9, 1), (4, 4, 3)])
def test_images_of_any_shape_have_a_thumbnail(shape):
    data, num_columns = thumbnail_sheet([np.zeros(shape, dtype=np.uint8)] * 2)
    assert data.startswith(b"RIFF")
    assert (num_columns, THUMBNAIL) == (2, 56)


def test_images_and_drawings_keep_to_the_room_of_the_page(monkeypatch):
    monkeypatch.setattr("fercli.pages.drawings.PHOTO_BYTES", 6_000)
    monkeypatch.setattr("fercli.pages.drawings.DRAWING_BYTES", 30_000)
    grid = NamedFigure("a", "Noise", image_rows_figure([NOISE[:4]], ["a"]))
    drawings = draw([grid, curves(), curves(20, 200)])
    images = re.findall(r'base64,([^"]*)"', drawings[0].markup)
    assert len(images) == 4
    assert sum(map(len, images)) <= 8_000
    assert sum(drawing.num_bytes for drawing in drawings) <= 30_000
    assert [drawing.markup.startswith('<img alt="Curves"') for drawing in drawings] == [False, False, True]
    assert drawings[2].data == {}


def test_the_room_of_a_page_is_three_megabytes():
    in_base64 = 4 / 3
    assert in_base64 * (PHOTO_BYTES + THUMBNAIL_BYTES) + DRAWING_BYTES < 2_900_000
