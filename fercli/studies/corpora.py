"""Studies across corpora: each network is trained on one corpus and evaluated on every one."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from fercli.datasets.store import Store
from fercli.errors import ConfigError, DataError
from fercli.studies.request import Request, is_prepared, prepared
from fercli.studies.study import Study, StudyRow
from fercli.taxonomy import common_classes


def across(study: Study, request: Request, asked: str | None) -> Study:
    """Return a study across corpora with its rows. Corpora that the user names must be prepared, others may lack."""
    if request.store is not None:
        raise ConfigError(
            f"study {study.name} reads several stores; expected stores=<folder> with one for each, found "
            f"store={request.store}"
        )
    wanted = tuple(asked.split(",")) if asked else study.corpora
    present = [name for name in wanted if asked or is_prepared(request.stores / name)]
    return expanded(replace(study, corpora=wanted), {name: prepared(request, name) for name in present})


def expanded(study: Study, stores: Mapping[str, Store]) -> Study:
    """Return the study with a row for each pair of a corpus for training and one for evaluation.

    All cells are evaluated on the classes that every corpus has, so that they may be compared.

    Args:
        stores: the corpora that are prepared, by name.

    Raises:
        ConfigError: a corpus is named twice, or the study has rows or claims of its own.
        DataError: fewer than two corpora are prepared, or they have no class in common.
    """
    if len(set(study.corpora)) < len(study.corpora):
        raise ConfigError(f"expected every corpus once; found {', '.join(study.corpora)}")
    if len(stores) < 2:
        raise DataError(
            f"expected two prepared corpora; found {', '.join(stores) or 'none'} of {', '.join(study.corpora)}. "
            "Prepare them (fercli preprocess data=<name> store=stores/<name>), or name others: --data <name>,<name>"
        )
    vocabularies = [store.classes for store in stores.values()]
    classes = common_classes(vocabularies)
    if not classes and any(vocabularies):
        raise DataError(f"{', '.join(stores)} have no class in common; name other corpora: --data <name>,<name>")
    rows = tuple(_row(one, other, classes, stores) for one in stores for other in stores)
    return replace(study, rows=rows)


def label_of(trained_on: str, evaluated_on: str) -> str:
    """Return the label of a row.

    Examples:
        >>> label_of("ferplus", "rafdb")
        'ferplus to rafdb'
    """
    return f"{trained_on} to {evaluated_on}"


def present_corpora(study: Study) -> tuple[str, ...]:
    """Return the corpora of an expanded study that are prepared, in the order of the study."""
    return tuple(dict.fromkeys(row.evaluated_on for row in study.rows if row.evaluated_on is not None))


def _row(one: str, other: str, classes: tuple[str, ...], stores: Mapping[str, Store]) -> StudyRow:
    row = StudyRow(label_of(one, other), (), prepared=one, evaluated_on=other, classes=classes)
    if one == other or not all(map(_has_scores, (stores[one], stores[other]))):
        return row
    scales = [stores[name].scale for name in (one, other)]
    if scales[0] == scales[1]:
        return row
    reason = f"not run: scores of the {scales[0].range} and of the {scales[1].range} have no common error"
    return replace(row, overrides=None, not_run=reason)


def _has_scores(store: Store) -> bool:
    return bool(np.isfinite(store.column("score")).any())
