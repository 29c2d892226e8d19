"""The navigation of the book: a folder stands for all its pages."""

from collections.abc import Iterable
from pathlib import PurePosixPath


def unfold(nav: list, pages: Iterable[str]) -> list:
    """Replace each folder of a navigation, such as `methods/`, by its pages.

    Args:
        nav: the `nav` of mkdocs.yml.
        pages: paths of all pages below docs/, such as `methods/dda.md`.

    Returns:
        The navigation without folders. A folder becomes the list of its pages, `index.md` first, the others by
        name; a folder within it becomes a section with the name of the folder.
    """
    return [_unfold(item, sorted(pages)) for item in nav]


def _unfold(item: object, pages: list[str]) -> object:
    if isinstance(item, dict):
        return {title: _unfold(content, pages) for title, content in item.items()}
    if isinstance(item, list):
        return [_unfold(part, pages) for part in item]
    return _folder(PurePosixPath(item), pages) if str(item).endswith("/") else item


def _folder(folder: PurePosixPath, pages: list[str]) -> list:
    inside = [PurePosixPath(page) for page in pages if folder in PurePosixPath(page).parents]
    own = sorted((page for page in inside if page.parent == folder), key=lambda page: (page.name != "index.md", page))
    deeper = sorted({page.relative_to(folder).parts[0] for page in inside if page.parent != folder})
    sections = [{name.capitalize().replace("-", " "): _folder(folder / name, pages)} for name in deeper]
    return [page.as_posix() for page in own] + sections
