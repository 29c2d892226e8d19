"""A classifier or regressor of scikit-learn, as it is chosen. This module imports no network library; plans use it."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fercli.config import compose, plain


@dataclass(frozen=True)
class Classifier:
    """A classifier or regressor before its fit.

    Attributes:
        name: name of a yaml file in `conf/classifier`.
        options: content of that yaml file, with the user's changes.
    """

    name: str
    options: Mapping[str, Any]

    @classmethod
    def named(cls, name: str, changes: Sequence[str] = (), config_dirs: Sequence[Path] = ()) -> "Classifier":
        """Return the classifier with this name.

        Args:
            changes: `option=value`, such as `C=10`.
            config_dirs: folders with yaml files of the user.

        Raises:
            ConfigError: there is no such classifier or option.
        """
        words = [f"classifier={name}", *(f"classifier.{change}" for change in changes)]
        return cls(name, plain(compose("eval", words, config_dirs).classifier))

    @property
    def key(self) -> str:
        """Name and a six-digit hash of the options. It is part of the name of an evaluation's folder."""
        content = json.dumps(self.options, sort_keys=True)
        return f"{self.name.replace('/', '-')}_{hashlib.sha256(content.encode()).hexdigest()[:6]}"
