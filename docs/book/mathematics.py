"""Mathematics of the pages: LaTeX becomes MathML when the book is built, so that the browser needs no script."""

import re
from html import unescape

from latex2mathml.converter import convert

# What pymdownx.arithmatex leaves of `$...$` and of `$$...$$`.
INLINE = re.compile(r'<span class="arithmatex">\\\((.*?)\\\)</span>', re.DOTALL)
BLOCK = re.compile(r'<div class="arithmatex">\s*\\\[(.*?)\\\]\s*</div>', re.DOTALL)


def to_mathml(html: str) -> str:
    """Replace the formulas of a page by MathML."""
    html = BLOCK.sub(lambda found: f'<div class="formula">{_convert(found[1], "block")}</div>', html)
    return INLINE.sub(lambda found: _convert(found[1], "inline"), html)


def _convert(latex: str, display: str) -> str:
    return convert(unescape(latex).strip(), display=display)
