"""The protocol of a number: under which conditions it was measured. Two numbers compare only under one protocol."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

ELSEWHERE = "; trained on "  # between the crop of an evaluation and another one of the training
NOT_SAID = ""  # the source does not state the field
NEAR_TOGETHER = ", near-duplicates together"  # ends a rule of folds or a selection that has kept them on one side
TRIAL = "trial of a search"  # `options` of a run that no table shows

# Words for the fields `selection` and `aggregation`, so that published and measured numbers use the same ones.
SELECTIONS = {
    "holdout": "best epoch on a held-out part of the training split",
    "validation": "best epoch on the validation split of the data set",
    "reported split": "best epoch on the split that is reported",
    "another split": "best epoch on a split that is neither trained on nor reported",
    "last": "last epoch, nothing is selected",
    "training loss": "the epoch at which the training loss has stopped falling",
}
AGGREGATIONS = ("single", "mean", "median", "best", "maximum of n")


@dataclass(frozen=True, slots=True)
class Protocol:
    """Conditions of a measurement, published or our own. Each field is a text; "" means "not said".

    Attributes:
        dataset: name in print, such as `RAF-DB`.
        version: release of the data set, such as `2017`.
        split: the rows that are evaluated, such as `test` or `validation`.
        split_rule: how the splits are made: `official`, `random 60/20/20 of all rows`.
        labels: how one label is derived from those of the annotators, such as `majority of votes`.
        classes: number of classes; also "" where no class is predicted.
        crop: where the face is cut out and how, such as `aligned images of the release, 100 x 100`.
        landmarks: where landmarks come from, such as `dlib, 68 points` or `generic`.
        pretraining: `none`, `ImageNet`, `MS-Celeb-1M`.
        selection: how the epoch was chosen: a key of SELECTIONS, with NEAR_TOGETHER where that holds.
        criterion: the number by which the epoch was chosen: the key of a metric.
        aggregation: over seeds or repeats: one of AGGREGATIONS, with the number in place of `n`.
        repeats: how many splits or folds the number is taken over; `1` for one fixed split.
        options: how the options of the training were chosen, for example `search over 20 trials x 3 seeds`; TRIAL for a
            run that only a search reads. No published table says it, and no other run of ours.
    """

    dataset: str
    version: str = NOT_SAID
    split: str = NOT_SAID
    split_rule: str = NOT_SAID
    labels: str = NOT_SAID
    classes: str = NOT_SAID
    crop: str = NOT_SAID
    landmarks: str = NOT_SAID
    pretraining: str = NOT_SAID
    selection: str = NOT_SAID
    criterion: str = NOT_SAID
    aggregation: str = NOT_SAID
    repeats: str = NOT_SAID
    options: str = NOT_SAID

    @classmethod
    def of(cls, content: Mapping[Any, Any]) -> "Protocol":
        """Read the fields of a csv row or of metrics.json. Other keys are ignored; missing fields are "not said"."""
        return cls(**{name: str(content[name]) for name in FIELDS if content.get(name) not in (None, NOT_SAID)})

    @property
    def fingerprint(self) -> str:
        """Return 8 hexadecimal digits that are the same for equal protocols."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()[:8]

    def differences(self, other: "Protocol") -> dict[str, tuple[str, str]]:
        """The fields in which two protocols differ, each with both values. "Not said" differs from anything said."""
        pairs = {name: (getattr(self, name), getattr(other, name)) for name in FIELDS}
        return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


FIELDS = tuple(field.name for field in fields(Protocol))
PRINTED = tuple(name for name in FIELDS if name != "options")  # the fields of published numbers
