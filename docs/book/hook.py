"""The events of mkdocs at which the book adds what it generates."""

import sys
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT)] * (str(ROOT) not in sys.path)  # mkdocs loads this file alone; the others are a package

from docs.book.figures import figures  # noqa: E402
from docs.book.generated import pages  # noqa: E402
from docs.book.markers import expand  # noqa: E402
from docs.book.mathematics import to_mathml  # noqa: E402
from docs.book.navigation import reading_order, unfold  # noqa: E402
from docs.book.outside import relink  # noqa: E402


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages and figures that are generated, and unfold the folders of the navigation."""
    for path, content in (pages() | figures()).items():
        files.append(File.generated(config, path, content=content))
    documents = {file.src_uri: file for file in files.documentation_pages()}
    indexes = {page: file.content_string for page, file in documents.items() if file.name == "index"}
    config.nav = unfold(config.nav, documents, reading_order(indexes))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Put what is generated in the place of its marker, and turn links between files into links between pages."""
    path = page.file.src_uri
    return relink(expand(markdown), f"docs/{path}", path) if page.file.generated_by is None else markdown


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Turn formulas into MathML."""
    return to_mathml(html)
