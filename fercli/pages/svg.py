"""Figures as SVG inside a page: text stays text, and light and dark schemes share one drawing."""

import base64
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from xml.etree import ElementTree

import matplotlib as mpl
import numpy as np
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from PIL import Image

from fercli.figures.figure import STYLE, lay_out
from fercli.pages.photos import webp, webp_address

DPI = 120  # pixels an inch of photographs: a figure is shown at 96 to 115 pixels an inch
MOST_DOTS = 2000  # of a figure that are drawn one by one
# Grays of the figures to variables of the page. No figure may draw on the page in another gray that is dark.
INK, SOFT, GRID, CARD = "var(--ink)", "var(--soft)", "var(--grid)", "var(--card)"
STROKES = {"#000000": INK, "#333333": INK, "#555555": SOFT, "#e4e4e4": GRID, "#cccccc": GRID, "#ffffff": CARD}
FILLS = {"#000000": INK, "#333333": INK, "#555555": SOFT, "#e4e4e4": GRID, "#ffffff": CARD}
PLACES = re.compile(r"(?<![\w.#-])-?\d+\.\d{3,}")
FONT = re.compile(r"font: (?P<weight>(?:(?:italic|bold|\d{3}) )*)(?P<size>[\d.]+px) [^;]*")


def svg_element(figure: Figure, label: str, prefix: str, photo_bytes: int) -> str:
    """Return a figure as an `<svg>` element that stands in HTML.

    Args:
        label: what the figure shows, for readers who do not see it.
        prefix: of the ids in the element; no two elements of a page may share it.
        photo_bytes: most bytes of one image inside the figure.
    """
    root = ElementTree.fromstring(_drawn(figure))
    for parent in list(root.iter()):
        parent.tag = parent.tag.rpartition("}")[2]
        for child in list(parent):
            if child.tag.rpartition("}")[2] in ("metadata", "style"):
                parent.remove(child)
        _clean(parent, photo_bytes)
    _drop_empty_groups(root)
    used = {name for element in root.iter() for value in element.attrib.values() for name in _references(value)}
    for element in root.iter():
        _rename(element, used, prefix)
    box = root.get("viewBox", "")
    root.attrib.clear()
    root.attrib.update({"viewBox": box, "role": "img", "aria-label": label})
    return ElementTree.tostring(root, "unicode", short_empty_elements=False)


def num_images(figure: Figure) -> int:
    """Return the number of images in a figure; dots that are too many to be drawn one by one count as an image."""
    return len(_images(figure)) + (len(dots) if _num_dots(dots := _dots(figure)) > MOST_DOTS else 0)


def _images(figure: Figure) -> list[AxesImage]:
    return [image for axes in figure.axes for image in axes.get_images()]


def _dots(figure: Figure) -> list[PathCollection]:
    drawn = (one for axes in figure.axes for one in axes.collections)  # `findobj` would look through all ticks, too
    return [one for one in drawn if isinstance(one, PathCollection) and one.get_rasterized()]


def _num_dots(dots: list[PathCollection]) -> int:
    return sum(len(np.asarray(one.get_offsets())) for one in dots)


@contextmanager
def _dots_one_by_one(figure: Figure) -> Iterator[None]:
    """Draw dots sharply, if they are not too many."""
    dots = _dots(figure)
    for one in dots:
        one.set_rasterized(_num_dots(dots) > MOST_DOTS)
    try:
        yield
    finally:
        for one in dots:
            one.set_rasterized(True)


def _drawn(figure: Figure) -> bytes:
    out = io.BytesIO()
    lay_out(figure)
    with mpl.rc_context({**STYLE, "svg.fonttype": "none"}), _as_on_a_page(figure):
        figure.savefig(out, format="svg", dpi=DPI, facecolor="none", metadata={"Date": None})
    return out.getvalue()


@contextmanager
def _as_on_a_page(figure: Figure) -> Iterator[None]:
    with _small_images_as_they_are(figure), _clear_axes(figure), _dots_one_by_one(figure):
        yield


@contextmanager
def _clear_axes(figure: Figure) -> Iterator[None]:
    """Show the page behind the axes."""
    before = [(axes.patch, axes.patch.get_facecolor()) for axes in figure.axes]
    for patch, _ in before:
        patch.set_facecolor("none")
    try:
        yield
    finally:
        for patch, color in before:
            patch.set_facecolor(color)


@contextmanager
def _small_images_as_they_are(figure: Figure) -> Iterator[None]:
    """Keep the pixels of photographs that are shown enlarged: the browser enlarges them."""
    photos = [image for image in _images(figure) if _is_small_photo(image, figure)]
    before = [image.get_interpolation() for image in photos]
    for image in photos:
        image.set_interpolation("none")
    try:
        yield
    finally:
        for image, interpolation in zip(photos, before, strict=True):
            image.set_interpolation(interpolation)


def _is_small_photo(image: AxesImage, figure: Figure) -> bool:
    pixels = image.get_array()
    if pixels is None or pixels.dtype != np.uint8:
        return False
    width = image.get_window_extent().width * DPI / figure.dpi
    return bool(pixels.shape[1] <= width)


def _clean(element: ElementTree.Element, photo_bytes: int) -> None:
    """Shorten the attributes of an element, and replace its colors and its image."""
    for name in list(element.attrib):
        plain = name.rpartition("}")[2]
        element.attrib[plain] = element.attrib.pop(name)
    if element.tag == "image":
        content = base64.b64decode(element.attrib["href"].partition(",")[2])
        with Image.open(io.BytesIO(content)) as image:
            element.attrib["href"] = webp_address(webp(_without_alpha(image), photo_bytes))
        element.attrib.pop("style", None)  # "pixelated", also for photographs
        element.attrib["preserveAspectRatio"] = "none"
    if "style" in element.attrib:
        element.attrib["style"] = _style(element.attrib["style"], is_text=element.tag == "text")
    for name in ("d", "x", "y", "transform", "width", "height", "points"):
        if name in element.attrib:
            element.attrib[name] = PLACES.sub(lambda found: f"{float(found[0]):.2f}", element.attrib[name]).strip()


def _drop_empty_groups(element: ElementTree.Element) -> None:
    for child in list(element):
        _drop_empty_groups(child)
        if child.tag in ("g", "defs") and len(child) == 0:
            element.remove(child)
    if element.tag != "text":
        element.text = None
    element.tail = None


def _without_alpha(image: Image.Image) -> Image.Image:
    """Return an opaque image without its alpha channel."""
    if image.mode == "RGBA" and image.getchannel("A").getextrema() == (255, 255):
        return image.convert("RGB")
    return image.copy()


def _style(style: str, is_text: bool) -> str:
    found = FONT.sub(lambda font: _font(font["weight"], font["size"]), style)
    parts = []
    for part in filter(None, (part.strip() for part in found.split(";"))):
        name, _, value = part.partition(": ")
        if name == "font-family":  # the page has one
            continue
        if name == "stroke":
            value = STROKES.get(value, value)
        elif name == "fill" and not (is_text and value == "#ffffff"):  # white text stands on a color
            value = FILLS.get(value, value)
        parts.append(f"{name}:{value}")
    return ";".join(parts)


def _font(weight: str, size: str) -> str:
    return f"font-size: {size}" + (f"; font-weight: {weight.strip()}" if weight.strip() else "")


def _references(value: str) -> list[str]:
    """Return the ids that an attribute refers to."""
    return re.findall(r"url\(#([^)]*)\)", value) + ([value[1:]] if value.startswith("#") else [])


def _rename(element: ElementTree.Element, used: set[str], prefix: str) -> None:
    """Prefix an id, and references to ids; drop ids that nothing refers to."""
    for name, value in list(element.attrib.items()):
        if name == "id":
            if value in used:
                element.attrib["id"] = prefix + value
            else:
                del element.attrib["id"]
        elif name == "href" and value.startswith("#"):
            element.attrib[name] = f"#{prefix}{value[1:]}"
        elif "url(#" in value:
            element.attrib[name] = value.replace("url(#", f"url(#{prefix}")
