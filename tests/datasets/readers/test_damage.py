"""Damage in any file that a reader reads, but for images and videos: rows, counted rejects or one message."""
# FERCLI_MUTATIONS=20000 tries so many damaged files rather than some hundreds.

import os
import re
import shutil
from importlib import import_module
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from fercli.catalog import CONF, choices
from fercli.datasets.readers.synthetic_items import SyntheticItems
from fercli.datasets.source import Source
from fercli.datasets.synthetic.items import write_cub
from fercli.datasets.synthetic.landmarks import with_landmarks, write_landmarks
from fercli.errors import FercliError
from fercli.preprocess.plan import make_plan
from fercli.taxonomy import EXPRESSIONS
from tests.faults import mutations

MEDIA = (".avi", ".jpg", ".mp4", ".png")
NUM_MUTATIONS = int(os.environ.get("FERCLI_MUTATIONS", "600"))
IN_A_CHILD = 12  # a process each: fewer of these
READ_IN_A_CHILD = ("cars", "table parquet")


class Landmarked(SyntheticItems):
    """The reader of drawn items whose landmarks lie beside them."""

    def read(self, source):
        return with_landmarks(source, super().read(source))


def write_landmarked(folder):
    write_cub(folder, 2, 2, 32)
    images = (file.relative_to(folder).as_posix() for file in folder.rglob("*.jpg"))
    write_landmarks(folder, {name: np.zeros((68, 2)) for name in images})


def layouts_of(test):
    """The layouts that the test of a reader declares: name, then reader and writer `write(folder, faces)`."""
    return import_module(f"{__name__.rpartition('.')[0]}.{test}").LAYOUTS


TESTS = [file.stem for file in sorted(Path(__file__).parent.glob("test_*.py")) if "\nLAYOUTS = {" in file.read_text()]
ALL_LAYOUTS = {name: layout for test in TESTS for name, layout in layouts_of(test).items()}
ALL_LAYOUTS["landmarks"] = (Landmarked(), lambda folder, _: write_landmarked(folder))


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] * (name in READ_IN_A_CHILD)) for name in ALL_LAYOUTS]
)
def test_damage_is_rows_rejects_or_one_message(tmp_path, name, seven, eight):
    reader, write = ALL_LAYOUTS[name]
    raw = tmp_path / "raw"
    raw.mkdir()
    write(raw, (seven if reader.info.classes == EXPRESSIONS[:7] else eight)[:8])
    assert make_plan(reader, Source(raw)).records
    files = sorted(file for file in raw.rglob("*") if file.is_file() and file.suffix.lower() not in MEDIA)
    share = -(-NUM_MUTATIONS // len(ALL_LAYOUTS))
    if name in READ_IN_A_CHILD:
        share = min(share, max(IN_A_CHILD, NUM_MUTATIONS // 40))
    damaged = {file: mutations(file.read_bytes(), np.random.default_rng([7, i])) for i, file in enumerate(files)}
    chosen = np.random.default_rng(share).permutation(len(files))
    for number in range(share):
        file = files[chosen[number % len(files)]]
        whole = shutil.copyfile(file, tmp_path / "whole").read_bytes()
        how, content = next(damaged[file])
        file.write_bytes(content)
        try:
            make_plan(reader, Source(raw))
        except FercliError:
            pass
        except BaseException as error:
            raise AssertionError(f"{how} of {file.relative_to(raw)}: {error!r}") from error
        file.write_bytes(whole)


def test_mutations_are_drawn_by_the_seed():
    first, again = (list(islice(mutations(b"abcdef", np.random.default_rng(3)), 20)) for _ in range(2))
    assert first == again
    assert {len(content) for _, content in first} >= {0, 6, 64}


@pytest.mark.parametrize("data", choices("data"))
def test_the_test_of_each_reader_declares_its_layouts(data):
    """Also where there is no label file: LAYOUTS = {}. Data that fercli draws itself arrives whole."""
    named = re.findall(r"_target_: fercli\.datasets\.readers\.(\w+)\.(\w+)", (CONF / f"data/{data}.yaml").read_text())
    readers = {module: getattr(import_module(f"fercli.datasets.readers.{module}"), name) for module, name in named}
    assert readers
    assert all(hasattr(reader, "prepare") or f"test_{module}" in TESTS for module, reader in readers.items())
