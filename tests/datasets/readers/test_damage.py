"""Damage in any file that a reader reads, but for images and videos: rows, counted rejects or one message."""
# FERCLI_MUTATIONS=20000 tries so many damaged files rather than some hundreds.

import os
import shutil
from itertools import islice

import numpy as np
import pytest

from fercli.datasets.readers.aff_wild2 import AffWild2
from fercli.datasets.readers.affectnet import AffectNet
from fercli.datasets.readers.avec import AVEC2014
from fercli.datasets.readers.cars import Cars
from fercli.datasets.readers.cub import CUB
from fercli.datasets.readers.fer2013 import FER2013
from fercli.datasets.readers.ferplus import FERPlus
from fercli.datasets.readers.in_shop import InShop
from fercli.datasets.readers.mnist import MNIST
from fercli.datasets.readers.online_products import OnlineProducts
from fercli.datasets.readers.rafdb import RAFDB
from fercli.datasets.readers.synthetic_items import SyntheticItems
from fercli.datasets.readers.table import LabelTable
from fercli.datasets.source import Source
from fercli.datasets.synthetic.items import write_cars, write_cub, write_in_shop, write_online_products
from fercli.datasets.synthetic.landmarks import with_landmarks, write_landmarks
from fercli.datasets.synthetic.recordings import write_avec2014
from fercli.errors import FercliError
from fercli.preprocess.plan import make_plan
from fercli.taxonomy import EXPRESSIONS
from tests.corpora.layouts import write_fer2013, write_ferplus, write_mnist, write_rafdb, write_table
from tests.corpora.layouts_affect import write_aff_wild2, write_affectnet
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


LAYOUTS = {
    "ferplus folders": (FERPlus("votes"), lambda folder, seven, eight: write_ferplus(folder, eight)),
    "ferplus csv": (FERPlus("votes"), lambda folder, seven, eight: write_ferplus(folder, eight, "csv")),
    "fer2013 csv": (FER2013(), lambda folder, seven, eight: write_fer2013(folder, seven)),
    "rafdb": (RAFDB("original"), lambda folder, seven, eight: write_rafdb(folder, seven)),
    "mnist npz": (MNIST(), lambda folder, seven, eight: write_mnist(folder, 20, 10)),
    "mnist idx": (MNIST(), lambda folder, seven, eight: write_mnist(folder, 20, 10, form="idx")),
    "mnist idx.gz": (MNIST(), lambda folder, seven, eight: write_mnist(folder, 20, 10, form="idx.gz")),
    "affectnet 2017": (AffectNet(), lambda folder, seven, eight: write_affectnet(folder, eight)),
    "affectnet 2021": (AffectNet(), lambda folder, seven, eight: write_affectnet(folder, eight, "2021")),
    "aff_wild2": (AffWild2(), lambda folder, seven, eight: write_aff_wild2(folder, seven)),
    "avec2014": (AVEC2014(), lambda folder, *_: write_avec2014(folder, 5, 2, 32)),
    "cub": (CUB(), lambda folder, *_: write_cub(folder, 4, 2, 32)),
    "cars": (Cars(), lambda folder, *_: write_cars(folder, 4, 2, 32)),
    "online_products": (OnlineProducts(), lambda folder, *_: write_online_products(folder, 4, 2, 32)),
    "in_shop": (InShop(), lambda folder, *_: write_in_shop(folder, 4, 2, 32)),
    "table csv": (LabelTable(classes=EXPRESSIONS), lambda folder, seven, eight: write_table(folder, eight)),
    "table parquet": (
        LabelTable("labels.parquet", classes=EXPRESSIONS),
        lambda folder, seven, eight: write_table(folder, eight, form="parquet"),
    ),
    "landmarks": (Landmarked(), lambda folder, *_: write_landmarked(folder)),
}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] * (name in READ_IN_A_CHILD)) for name in LAYOUTS]
)
def test_damage_is_rows_rejects_or_one_message(tmp_path, name, seven, eight):
    reader, write = LAYOUTS[name]
    raw = tmp_path / "raw"
    raw.mkdir()
    write(raw, seven[:8], eight[:8])
    assert make_plan(reader, Source(raw)).records
    files = sorted(file for file in raw.rglob("*") if file.is_file() and file.suffix.lower() not in MEDIA)
    share = -(-NUM_MUTATIONS // len(LAYOUTS))
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
