"""Compose packaged yaml with Hydra once for the same choices of groups, and set single values on copies of the result.

Hydra takes a tenth of a second or more for one configuration, most of it to find, read and merge files. A plan of all
studies composes a thousand configurations, which differ mostly in single values such as `loss.dda.weight=3`. Where
choices differ, too, most of the thirty files of a configuration are those of the one before: each is read once.
"""

import pickle
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import ClassVar

from hydra import compose, initialize_config_dir
from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra._internal.config_repository import ConfigRepository
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override, OverrideType
from hydra.plugins.config_source import ConfigResult
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf, open_dict
from omegaconf.errors import OmegaConfBaseException

from fercli.catalog import CONF

OPEN = ("loss", "metrics", "logger", "rates", "experiment", "budget")  # groups whose entries have any name
PATHS = (
    *("raw", "store", "runs", "stores", "passer.store", "data.reader.root", "data.reader.table"),
    *("folds.path", "noise.file", "noise.matrix"),
)


def literal_path(override: str) -> str:
    """Quote a path for Hydra, so that its grammar and interpolations leave the path unchanged."""
    key, equals, value = override.partition("=")
    if key.lstrip("+") not in PATHS or not equals or value in ("", "null") or re.fullmatch(r"'.*'|\".*\"", value):
        return override
    value = re.sub(r"(\\*)\$\{", r"\1\1\\${", value)  # a backslash before an interpolation keeps it as text
    value = re.sub(r"(\\*)'", r"\1\1\\'", value)
    value = re.sub(r"(\\+)$", r"\1\1", value)
    return f"{key}='{value}'"


def composed(root: str, overrides: Sequence[str], config_dirs: Sequence[Path] = ()) -> tuple[DictConfig, dict]:
    """The configuration of a root yaml, and the choice of each group of Hydra, by name.

    The result equals what Hydra composes from all overrides at once. Every caller gets a copy of its own. Hydra alone
    handles unusual overrides and errors, so that all messages come from one place. Hydra alone also handles the user's
    own folders, because their files may change between two calls.

    Raises:
        HydraException, OmegaConfBaseException, YAMLError: as Hydra raises them.
    """
    if config_dirs:
        return by_hydra(root, [*overrides, _search_path(config_dirs)])
    values, chosen = [], []
    for override in OverridesParser.create().parse_overrides(list(overrides)):
        if _is_choice(override):
            chosen.append(override.input_line)
        elif _is_value(override):
            values.append(override)
        else:
            return by_hydra(root, overrides)
    cfg, choices = pickle.loads(_of_choices(root, tuple(chosen)))
    try:
        applied = all(_applied(cfg, override) for override in values)
    except OmegaConfBaseException:
        applied = False
    return (cfg, choices) if applied else by_hydra(root, overrides)


def _search_path(config_dirs: Sequence[Path]) -> str:
    folders = ",".join(f"file://{Path(folder).resolve()}" for folder in config_dirs)
    return f"hydra.searchpath=[{folders}]"


def unknown_added(root: str, overrides: Sequence[str], config_dirs: Sequence[Path], cfg: DictConfig) -> str | None:
    """Return the first key that an override adds with `+` and that nothing reads, such as `trainer.profiler`.

    A part with a `_target_` refuses what it does not know, and `OPEN` groups take names of the user's own.
    """
    for override in OverridesParser.create().parse_overrides(list(overrides)):
        key = override.key_or_group
        if not override.is_add() or override.package is not None or (CONF / key).is_dir() or key.startswith("hydra"):
            continue
        parents = [key.rsplit(".", depth)[0] for depth in range(1, key.count(".") + 1)]
        nodes = [OmegaConf.select(cfg, parent, throw_on_missing=False) for parent in parents]
        built = any(isinstance(node, DictConfig) and "_target_" in node for node in nodes)
        if built or key.partition(".")[0] in OPEN or any((Path(folder) / key).is_dir() for folder in config_dirs):
            continue
        others = [word for word in overrides if word != override.input_line]
        without, _ = composed(root, others, config_dirs)
        parent = OmegaConf.select(without, parents[0], throw_on_missing=False) if parents else without
        if not isinstance(parent, DictConfig) or key.rpartition(".")[2] not in parent:
            return key
    return None


def files_of(root: str, overrides: Sequence[str], config_dirs: Sequence[Path]) -> list[str]:
    """Names of the yaml files that a configuration is composed of, such as `loss/focal`, each once."""
    GlobalHydra.instance().clear()
    with initialize_config_dir(str(CONF), version_base="1.3"):
        loader = GlobalHydra.instance().config_loader()
        found = loader.compute_defaults_list(root, [*overrides, _search_path(config_dirs)], RunMode.RUN).defaults
    return list(dict.fromkeys(str(one.config_path) for one in found if one.config_path is not None))


def by_hydra(root: str, overrides: Sequence[str]) -> tuple[DictConfig, dict]:
    """Compose as `composed` does, with Hydra alone."""
    GlobalHydra.instance().clear()
    with initialize_config_dir(str(CONF), version_base="1.3"):
        loader = GlobalHydra.instance().config_loader()
        assert isinstance(loader, ConfigLoaderImpl)
        loader.repository = _Files(loader.config_search_path)
        cfg = compose(root, list(overrides), return_hydra_config=True)
    choices = dict(cfg.hydra.runtime.choices)
    with open_dict(cfg):
        del cfg["hydra"]
    return cfg, choices


class _Files(ConfigRepository):
    """The files that Hydra composes. Those of fercli and of Hydra are read once; those of the user may change."""

    read: ClassVar[dict[tuple[str, str], bytes]] = {}

    def load_config(self, config_path: str) -> ConfigResult | None:
        if not {source.provider for source in self.sources} <= {"hydra", "main", "schema"}:
            return super().load_config(config_path)
        key = str(CONF), config_path
        if key not in self.read:
            self.read[key] = pickle.dumps(super().load_config(config_path))
        return pickle.loads(self.read[key])  # Hydra writes to what it is given


@cache
def _of_choices(root: str, chosen: tuple[str, ...]) -> bytes:
    return pickle.dumps(by_hydra(root, chosen))  # unpickling takes a quarter of the time of a deep copy


def _is_choice(override: Override) -> bool:
    """Whether it chooses a packaged yaml; a mapping in place of a name is a value."""
    return (CONF / override.key_or_group).is_dir() and not isinstance(override.value(), dict)


def _is_value(override: Override) -> bool:
    """Whether it changes or adds one value of the configuration, and nothing of Hydra's own."""
    return (
        override.type in (OverrideType.CHANGE, OverrideType.ADD)
        and not override.is_sweep_override()
        and override.package is None
        and not override.key_or_group.startswith("hydra")
        and not (CONF / override.key_or_group).is_dir()
    )


def _applied(cfg: DictConfig, override: Override) -> bool:
    """Set a value as Hydra does. Return False where Hydra refuses: when `+` adds a key that exists."""
    key, value = override.key_or_group, override.value()
    add = override.is_add()
    if add and not isinstance(value, dict | list) and OmegaConf.select(cfg, key, throw_on_missing=False) is not None:
        return False
    OmegaConf.update(cfg, key, value, merge=True, force_add=add)
    return True
