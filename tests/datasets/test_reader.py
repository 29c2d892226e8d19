"""What readers say of the protocol of numbers, where their options or files decide it."""

import pytest
from PIL import Image

from fercli.datasets.reader import SaysProtocol
from fercli.datasets.readers.aff_wild2 import ANNOTATIONS, AffWild2
from fercli.datasets.readers.affectnet import AffectNet
from fercli.datasets.readers.avec import AVEC2014
from fercli.datasets.readers.ferplus import FERPlus
from fercli.datasets.readers.folder import Folder
from fercli.datasets.readers.mnist import MNIST
from fercli.datasets.readers.rafdb import RAFDB
from fercli.datasets.readers.table import LabelTable
from fercli.datasets.source import Source


@pytest.fixture
def source(tmp_path):
    """A raw data set of files with these names; images are small, other files empty."""

    def write(*names, **texts):
        for name in names:
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.suffix == ".png":
                Image.new("L", (2, 2)).save(path)
            else:
                path.write_text("")
        for stem, text in texts.items():
            (tmp_path / f"{stem}.csv").write_text(text)
        return Source(tmp_path)

    return write


@pytest.mark.parametrize(
    ("reader", "said"),
    [
        (FERPlus(), {"labels": "majority of votes"}),
        (FERPlus(labels="votes"), {"labels": "all votes"}),
        (FERPlus(min_votes=1, min_share=0), {"labels": "majority of votes, at least 1 votes, share above 0"}),
        (AffWild2(), {"version": "frames with expression, valence and arousal"}),
        (AffWild2("expression"), {"version": "frames with expression"}),
        (AVEC2014(), {}),
        (AVEC2014("Freeform"), {"version": "Freeform task"}),
        (MNIST(), {}),
        (
            MNIST({"0": 60, "9": 5}),
            {"version": "training images of 0 to 9: 60, all, all, all, all, all, all, all, all, 5"},
        ),
    ],
)
def test_options_that_choose_rows_or_labels_are_said(source, reader, said):
    assert isinstance(reader, SaysProtocol)
    assert reader.protocol(source("any.txt")) == said


def test_a_reader_without_such_options_says_nothing():
    assert not isinstance(RAFDB(), SaysProtocol)


def test_every_choice_of_annotations_has_words_of_its_own():
    assert len(set(ANNOTATIONS.values())) == len(ANNOTATIONS)


@pytest.mark.parametrize(("file", "version"), [("training.csv", "2017"), ("train_set/images/0.png", "2021")])
def test_the_release_of_affectnet_is_known_by_its_files(source, file, version):
    assert AffectNet(7).protocol(source(file)) == {"version": version}


@pytest.mark.parametrize(
    ("files", "rule"),
    [
        (("train/happy/a.png", "test/happy/b.png"), "folders of splits"),
        (("happy/a.png", "sad/b.png"), "random 70/10/20, seed 3; a person, a video or an image is in one split"),
    ],
)
def test_splits_of_folders_are_given_or_drawn(source, files, rule):
    assert Folder(seed=3).protocol(source(*files)) == {"split_rule": rule}


@pytest.mark.parametrize(
    ("header", "rule"),
    [
        ("image,expression,split", "a column of the table"),
        ("image,expression", "random 70/10/20, seed 0; a person, a video or an image is in one split"),
    ],
)
def test_splits_of_a_table_are_given_or_drawn(source, header, rule):
    row = ",".join(["a.png", "happy", "train"][: header.count(",") + 1])
    assert LabelTable().protocol(source("a.png", labels=f"{header}\n{row}\n")) == {"split_rule": rule}
