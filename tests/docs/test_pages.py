"""Every code block of the book runs, composes or loads."""

import shutil
import sys

import pytest
import yaml

from tests.docs.blocks import blocks, commands
from tests.docs.commands import ROOT, SMALL_STORES, compose, makes, run

PAGES = sorted([*(ROOT / "docs").rglob("*.md"), ROOT / "README.md", *ROOT.glob("CONTRIBUTING.md")])
WITH_CODE = [page for page in PAGES if blocks(page)]
ABOUT_FIGURES = ("first-hour.md", "own-figure.md")


def name_of(page):
    return page.relative_to(ROOT).as_posix()


def test_there_are_pages():
    assert len(PAGES) > 30


def test_every_block_is_declared():
    undeclared = [block.place for page in PAGES for block in blocks(page) if block.kind is None]
    assert undeclared == [], "say how each block is tested: tests/docs/blocks.py"


def test_no_command_of_fercli_is_left_to_the_reader():
    by_hand = [block for page in PAGES for block in blocks(page) if block.kind == "by hand"]
    assert [block.place for block in by_hand if not block.words] == [], "by hand: say why"
    assert [block.place for block in by_hand if any(line.startswith("fercli") for line in commands(block.text))] == []


@pytest.fixture
def folder(page, small_store, tmp_path, monkeypatch, request):
    """An empty working folder with copies of the stores that the page uses and does not make."""
    if page.name not in ABOUT_FIGURES:
        request.getfixturevalue("few_figures")
    made = {line for block in blocks(page) for line in commands(block.text) if "fercli preprocess" in line}
    text = "".join(block.text for block in blocks(page) if block.kind == "run")
    for name in SMALL_STORES:
        store = f"store=stores/{name}"
        if store in text.split() and not any(store in line.split() for line in made):
            shutil.copytree(small_store(name), tmp_path / "stores" / name)
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    for name, module in list(sys.modules.items()):  # pages have modules of one name and another content
        if str(getattr(module, "__file__", None)).startswith(str(tmp_path)):
            del sys.modules[name]


@pytest.fixture
def made(folder, small_store):
    """Whether a line makes a store that others make with the same command: then it is made once, and copied."""

    def copied(line, words):
        name, store, options = makes(line) or ("", folder, False)
        raw = store.parent / f"raw-{name}"
        if words or store.exists() or raw.exists():
            return False
        if options:
            compose(line)  # they are read, though those of the small store count
        shutil.copytree(small_store(name), store)
        if (drawn := small_store(name).parent / raw.name).exists():
            shutil.copytree(drawn, raw)
        return True

    return copied


@pytest.mark.slow
@pytest.mark.parametrize("page", WITH_CODE, ids=name_of)
def test_blocks_run(page, folder, made, monkeypatch):
    names = {}
    for block in blocks(page):
        if block.title:
            (folder / block.title).parent.mkdir(parents=True, exist_ok=True)
            (folder / block.title).write_text(block.text)
        if block.language == "yaml":
            assert yaml.safe_load(block.text), block.place
        elif block.kind == "python":
            exec(compile(block.text, block.place, "exec"), names)
        elif block.kind == "run":
            for line in commands(block.text):
                if not made(line, block.words):
                    run(line, block.words, monkeypatch)
        elif block.kind == "compose":
            for line in commands(block.text):
                compose(line)
