"""Corpora that are released as features alone: they are recognized by their files, and refused with the reason."""

import re
from dataclasses import dataclass

from fercli.datasets.readers.media_names import IMAGE_SUFFIXES, VIDEO_SUFFIXES
from fercli.datasets.source import Source
from fercli.errors import DataError


@dataclass(frozen=True)
class FeatureCorpus:
    """A corpus without images of faces.

    Attributes:
        title: name in print.
        sign: what the path of one of its files contains, in lower case.
        released: what the corpus holds.
        source: publication.
    """

    title: str
    sign: re.Pattern[str]
    released: str
    source: str


CORPORA = (
    FeatureCorpus(
        "E-DAIC",
        re.compile(r"\d{3}_(openface2\.1\.0|bovw_openface|cnn_(resnet|vgg)|densenet201|vgg16)"),
        "head pose, gaze, action units and features of CNNs, audio and transcripts, with PHQ-8 scores",
        "Ringeval et al. 2019",
    ),
    FeatureCorpus(
        "DAIC-WOZ",
        re.compile(r"\d{3}_clnf_|\d{3}_covarep|(train|dev|test)_split_depression_avec2017"),
        "facial landmarks, head pose, gaze and action units, audio and transcripts, with PHQ-8 scores",
        "Gratch et al. 2014",
    ),
    FeatureCorpus(
        "DAIC-WOZ or E-DAIC",
        re.compile(r"(^|/)\d{3}_p\.(zip|tar|tar\.gz)$"),
        "facial landmarks or action units, audio and transcripts, with PHQ-8 scores",
        "Gratch et al. 2014, Ringeval et al. 2019",
    ),
    FeatureCorpus(
        "D-Vlog",
        re.compile(r"(^|/)\d+_(visual|acoustic)\.npy$"),
        "68 facial landmarks a second and acoustic descriptors, with a label of depression for each vlog",
        "Yoon et al. 2022",
    ),
)


def refuse_features(source: Source) -> None:
    """Refuse a corpus that holds features and no images or videos; features beside images or videos are no reason.

    Raises:
        DataError: the files are those of such a corpus; the message says what the corpus holds.
    """
    names = [name.lower() for name in source.names()]
    if any(name.endswith((*IMAGE_SUFFIXES, *VIDEO_SUFFIXES)) for name in names):
        return
    for corpus in CORPORA:
        if any(corpus.sign.search(name) for name in names):
            raise DataError(
                f"{source.path} looks like {corpus.title} ({corpus.source}), which is released as features: "
                f"{corpus.released}. It has no images or videos of faces, and fercli learns from nothing else: "
                "use a corpus with videos, such as AVEC2014, or recordings of your own (data=table)"
            )
