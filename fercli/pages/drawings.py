"""The figures of one page, which share its room."""

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import Any

from markupsafe import Markup
from PIL import Image

from fercli.errors import printable_lines
from fercli.figures.figure import NamedFigure, figure_bytes
from fercli.pages.hover import hover_data
from fercli.pages.photos import webp, webp_address
from fercli.pages.svg import num_images, svg_element

CSS_PIXELS_PER_INCH = 96
WIDE = 6.4  # inches; a wider figure has its own line
PHOTO_BYTES = 1_000_000  # of all images in the figures of a page
DRAWING_BYTES = 800_000  # of all lines, texts and values in the figures of a page


@dataclass(frozen=True, slots=True)
class Drawing:
    """A figure for the template of a page.

    Attributes:
        markup: an `<svg>` or an `<img>` element.
        most: pixels of its width at most; a fifth larger than drawn.
        least: pixels of its width on a narrow screen, where it scrolls.
        data: what the page shows under the pointer, from `hover_data`.
        num_bytes: of lines, texts and values, without images.
    """

    caption: str
    markup: Markup
    most: int
    least: int
    is_wide: bool
    data: dict[str, Any]
    num_bytes: int


def draw(figures: Sequence[NamedFigure]) -> list[Drawing]:
    """Return the figures of a page, in order.

    All images together have at most `PHOTO_BYTES`. If the drawings together have more than `DRAWING_BYTES`, the largest
    become images, which follow no color scheme and show nothing under the pointer.
    """
    num_photos = sum(num_images(drawn.figure) for drawn in figures)
    with_images = next((i for i, drawn in enumerate(figures) if drawn.points is not None), None)
    found = []
    for i, drawn in enumerate(figures):
        points = drawn.points
        if points is not None and i != with_images:  # one sheet of thumbnails a page
            points = replace(points, images=())
        found.append(_as_svg(drawn._replace(points=points), f"f{i + 1}-", PHOTO_BYTES // max(1, num_photos)))
    for i in sorted(range(len(found)), key=lambda i: -found[i].num_bytes):
        if sum(drawing.num_bytes for drawing in found) <= DRAWING_BYTES:
            break
        found[i] = _as_image(figures[i], found[i], DRAWING_BYTES // len(found))
    return found


def _as_svg(drawn: NamedFigure, prefix: str, photo_bytes: int) -> Drawing:
    svg = svg_element(drawn.figure, printable_lines(drawn.caption), prefix, photo_bytes)
    data = hover_data(drawn.figure, drawn.points)
    lean = data | {"dots": data["dots"] | {"sheet": ""}} if "dots" in data else data
    num_bytes = sum(len(part) for part in svg.split('"') if not part.startswith("data:")) + len(json.dumps(lean))
    pixels = drawn.figure.get_figwidth() * CSS_PIXELS_PER_INCH
    is_wide = drawn.figure.get_figwidth() > WIDE
    most, least = round(1.2 * pixels), round(pixels / 1.5)
    return Drawing(drawn.caption, Markup(svg), most, least, is_wide, data, num_bytes)


def _as_image(drawn: NamedFigure, before: Drawing, most_bytes: int) -> Drawing:
    with Image.open(io.BytesIO(figure_bytes(drawn.figure, "png"))) as image:
        address = webp_address(webp(image.convert("RGB"), most_bytes * 3 // 4))  # base64 takes a third more
    markup = Markup(f'<img alt="{escape(printable_lines(drawn.caption))}" src="{address}">')
    return replace(before, markup=markup, data={}, num_bytes=len(address))
