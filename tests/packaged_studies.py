"""The studies of conf/study, each read once in a process, without Hydra."""

from functools import cache

import yaml

from fercli.catalog import CONF, choices
from fercli.studies.study import Study, study_from


@cache
def packaged_studies() -> dict[str, Study]:
    """All studies by name."""
    files = {name: CONF / f"study/{name}.yaml" for name in choices("study")}
    return {name: study_from(name, yaml.load(file.read_text(), yaml.CSafeLoader)) for name, file in files.items()}
