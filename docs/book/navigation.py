"""The navigation of the book: a folder stands for all its pages, so that a new page needs no entry."""

import posixpath
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

from docs.book.outside import CODE, LINK

REST = "*.md"  # pages of docs/ itself that the navigation does not name


def reading_order(indexes: Mapping[str, str]) -> list[str]:
    """Return the pages that the index pages link to, in the order of their links.

    Args:
        indexes: text of each index page, by its path below docs/.
    """
    links = [
        posixpath.normpath(posixpath.join(posixpath.dirname(page), link["target"].partition("#")[0]))
        for page, text in indexes.items()
        for link in LINK.finditer(CODE.sub("", text))
    ]
    return [*dict.fromkeys(links)]


def unfold(nav: list, pages: Iterable[str], order: Iterable[str] = ()) -> list:
    """Replace each folder of a navigation, such as `methods/`, by its pages, and `*.md` by the pages it does not name.

    Args:
        nav: the `nav` of mkdocs.yml.
        pages: paths of all pages below docs/, such as `methods/dda.md`.
        order: those of them that come first, in this order; the others follow by name.

    Returns:
        The navigation without folders. A folder becomes the list of its pages, `index.md` first; a folder within it
        becomes a section with the name of the folder. A folder without pages is left out.
    """
    places = {page: place for place, page in enumerate(order)}
    by_place = sorted(pages, key=lambda page: (not page.endswith("index.md"), places.get(page, len(places)), page))
    ordered = [PurePosixPath(page) for page in by_place]
    named = set(_named(nav))
    rest = [page for page in ordered if len(page.parts) == 1 and str(page) not in named]
    made: list = []
    for item in nav:
        made += _pages(rest) if item == REST else [_unfold(item, ordered)]
    return [item for item in made if item != [] and not (isinstance(item, dict) and [*item.values()] == [[]])]


def _named(item: object) -> Iterable[str]:
    if isinstance(item, dict | list):
        for part in item.values() if isinstance(item, dict) else item:
            yield from _named(part)
    else:
        yield str(item)


def _unfold(item: object, pages: list[PurePosixPath]) -> object:
    if isinstance(item, dict):
        return {title: _unfold(content, pages) for title, content in item.items()}
    if isinstance(item, list):
        return [_unfold(part, pages) for part in item]
    return _folder(PurePosixPath(str(item)), pages) if str(item).endswith("/") else item


def _folder(folder: PurePosixPath, pages: list[PurePosixPath]) -> list:
    inside = [page for page in pages if folder in page.parents]
    deeper = sorted({page.relative_to(folder).parts[0] for page in inside if page.parent != folder})
    sections = [{name.capitalize().replace("-", " "): _folder(folder / name, pages)} for name in deeper]
    return _pages([page for page in inside if page.parent == folder]) + sections


def _pages(pages: list[PurePosixPath]) -> list[str]:
    return [str(page) for page in pages]
