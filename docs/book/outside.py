"""Files of the project that lie outside docs/: which of them are pages of the book, and links to them."""

import posixpath
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]

# File of the project: page of the book. Links to other files become their path as text.
PAGES = {
    "benchmarks/README.md": "measurements.md",
    "data/README.md": "reference/published.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "README.md": "index.md",
}
IMAGES = {"data/tour/": "tour/"}
LINK = re.compile(r"(?P<image>!?)\[(?P<text>(?:[^\[\]]|\[[^\]]*\])*)\]\((?P<target>[^)\s]+)\)")
CODE = re.compile(r"(```.*?```|`[^`\n]*`)", re.DOTALL)


def outside_pages() -> dict[str, str | bytes]:
    """Path below docs/ and content of what is taken from outside: pages whose links are rewritten, and images."""
    made: dict[str, str | bytes] = {
        page: relink((ROOT / file).read_text(encoding="utf-8"), file, page)
        for file, page in PAGES.items()
        if page != "index.md" and (ROOT / file).is_file()
    }
    for folder, below in IMAGES.items():
        made |= {below + path.name: path.read_bytes() for path in sorted((ROOT / folder).glob("*.png"))}
    return made


def relink(markdown: str, file: str, page: str) -> str:
    """Turn links between files of the project into links between pages of the book; code stays as it is.

    Args:
        markdown: the text of `file`.
        file: path of the text in the project, such as `docs/methods/dda.md`.
        page: path of its page below docs/, such as `methods/dda.md`.
    """
    parts = CODE.split(markdown)
    return "".join(
        part if place % 2 else LINK.sub(lambda m: _link(m, file, page), part) for place, part in enumerate(parts)
    )


def _link(match: re.Match[str], file: str, page: str) -> str:
    target, _, anchor = match["target"].partition("#")
    if not target or re.match(r"[a-z]+:", target):
        return match[0]
    path = posixpath.normpath(posixpath.join(posixpath.dirname(file), target))
    found = page_of(path)
    if found is None:
        return f"{match['text']} (`{path}`)" if not match["image"] else match["text"]
    to = posixpath.relpath(found, posixpath.dirname(page) or ".")
    return f"{match['image']}[{match['text']}]({to}{'#' + anchor if anchor else ''})"


def page_of(path: str) -> str | None:
    """The page, or the image, below docs/ that shows a file of the project; None where the book does not have it."""
    if path.startswith("docs/"):
        return path.removeprefix("docs/")
    if path in PAGES:
        return PAGES[path]
    for folder, below in IMAGES.items():
        if path.startswith(folder) and path.endswith(".png"):
            return below + path.removeprefix(folder)
    return None
