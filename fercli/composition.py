"""Compose packaged yaml with Hydra once for the same choices of groups, and set single values on copies of the result.

Hydra takes a tenth of a second or more for one configuration, most of it to find, read and merge files. A plan of all
studies composes a thousand configurations, which differ mostly in single values such as `loss.dda.weight=3`. Where
choices differ, too, most of the thirty files of a configuration are those of the one before: each is read once, and its
content put at its place once. A third of them hold options of Hydra itself, which fercli has no use for: they are left
out.
"""

import pickle
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, ClassVar

from hydra import compose, initialize_config_dir
from hydra._internal import defaults_list as of_hydra
from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra._internal.config_repository import ConfigRepository, IConfigRepository
from hydra._internal.defaults_list import Overrides
from hydra.core.default_element import InputDefault, ResultDefault
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override, OverrideType
from hydra.errors import HydraException
from hydra.plugins.config_source import ConfigResult
from hydra.types import RunMode
from omegaconf import DictConfig, Node, OmegaConf, open_dict
from omegaconf.errors import OmegaConfBaseException

from fercli.catalog import CONF
from fercli.errors import ConfigError

OPEN = ("loss", "metrics", "logger", "rates", "experiment", "budget")  # groups whose entries have any name
PATHS = (
    *("raw", "store", "runs", "stores", "passer.store", "data.reader.root", "data.reader.table"),
    *("folds.path", "noise.file", "noise.matrix"),
)
OWN = ("hydra", "main", "schema")  # providers of the files that do not change; Hydra searches the user's folders last
_PLACED: dict[tuple[str, str, str | None], bytes] = {}


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
    """The configuration of a root yaml, and the choice of each group, by name.

    The result equals what Hydra composes from all overrides at once. Every caller gets a copy of its own. Hydra alone
    handles unusual overrides and errors, so that all messages come from one place. The user's own files are read anew,
    because they may change between two calls.

    Raises:
        HydraException, OmegaConfBaseException, YAMLError: as Hydra raises them.
    """
    values: list[Override] = []
    chosen: list[str] = []
    for override in map(_parsed, overrides):
        if _is_choice(override, config_dirs):
            chosen.append(str(override.input_line))
        elif _is_value(override, config_dirs):
            values.append(override)
        else:
            return by_hydra(root, overrides, config_dirs)
    try:
        cfg, choices = _of_choices(root, chosen, config_dirs) if config_dirs else _remembered(root, tuple(chosen))
        applied = all(_applied(cfg, override) for override in values)
    except (HydraException, OmegaConfBaseException):
        applied = False
    return (cfg, choices) if applied else by_hydra(root, overrides, config_dirs)


def _remembered(root: str, chosen: tuple[str, ...]) -> tuple[DictConfig, dict]:
    return pickle.loads(_pickled(root, chosen))  # unpickling takes a quarter of the time of a deep copy


@cache
def _pickled(root: str, chosen: tuple[str, ...]) -> bytes:
    return pickle.dumps(_of_choices(root, chosen))


def _of_choices(root: str, chosen: Sequence[str], config_dirs: Sequence[Path] = ()) -> tuple[DictConfig, dict]:
    """Compose choices as `by_hydra` does, without the files of Hydra's own options."""
    with _loader() as loader:
        places = [*chosen, *_search_path(config_dirs)]
        parsed, files = loader._parse_overrides_and_create_caching_repo(root, places)
        found = of_hydra.create_defaults_list(files, root, parsed, prepend_hydra=False, skip_missing=False)
        cfg = OmegaConf.create()
        for default in found.defaults:
            content = _placed(loader, default, files)
            if _is_mapping(content):
                _move_new(content, cfg)
            if len(content):
                cfg.merge_with(content)
    OmegaConf.set_struct(cfg, True)
    return cfg, dict(found.overrides.known_choices)


def _placed(loader: ConfigLoaderImpl, default: ResultDefault, files: IConfigRepository) -> Any:
    """The content of a file at its place in the configuration; that of each file of fercli is placed once."""
    key = str(CONF), str(default.config_path), default.package
    if key in _PLACED:
        return pickle.loads(_PLACED[key])
    found = loader._load_single_config(default, files)
    if found.provider in OWN:
        _PLACED[key] = pickle.dumps(found.config)
    return found.config


def _move_new(content: DictConfig, cfg: DictConfig) -> None:
    """Move what only `content` has to `cfg`: OmegaConf takes ten times as long, because it copies and checks it."""
    given, there = content.__dict__["_content"], cfg.__dict__["_content"]
    for key, node in list(given.items()):
        if key not in there:
            there[key] = given.pop(key)
            node._set_parent(cfg)
        elif _is_mapping(node) and _is_mapping(there[key]):
            _move_new(node, there[key])
            if not len(node):
                del given[key]


def _is_mapping(node: Node) -> bool:
    return isinstance(node, DictConfig) and isinstance(node.__dict__["_content"], dict)


def _search_path(config_dirs: Sequence[Path]) -> list[str]:
    folders = ",".join(f"file://{Path(folder).resolve()}" for folder in config_dirs)
    return [f"hydra.searchpath=[{folders}]"] if config_dirs else []


def unknown_added(root: str, overrides: Sequence[str], config_dirs: Sequence[Path], cfg: DictConfig) -> str | None:
    """Return the first key that an override adds with `+` and that nothing reads, such as `trainer.profiler`.

    A part with a `_target_` refuses what it does not know, and `OPEN` groups take names of the user's own.
    """
    for override in map(_parsed, overrides):
        key = override.key_or_group
        if not override.is_add() or override.package is not None or _is_group(key) or key.startswith("hydra"):
            continue
        parents = [key.rsplit(".", depth)[0] for depth in range(1, key.count(".") + 1)]
        nodes = [OmegaConf.select(cfg, parent, throw_on_missing=False) for parent in parents]
        built = any(isinstance(node, DictConfig) and "_target_" in node for node in nodes)
        if built or key.partition(".")[0] in OPEN or _is_group(key, config_dirs):
            continue
        others = [word for word in overrides if word != override.input_line]
        without, _ = composed(root, others, config_dirs)
        parent = OmegaConf.select(without, parents[0], throw_on_missing=False) if parents else without
        if not isinstance(parent, DictConfig) or key.rpartition(".")[2] not in parent:
            return key
    return None


def files_of(root: str, overrides: Sequence[str], config_dirs: Sequence[Path]) -> list[str]:
    """Names of the yaml files that a configuration is composed of, such as `loss/focal`, each once."""
    with _loader() as loader:
        found = loader.compute_defaults_list(root, [*overrides, *_search_path(config_dirs)], RunMode.RUN).defaults
    return list(dict.fromkeys(str(one.config_path) for one in found if one.config_path is not None))


def by_hydra(root: str, overrides: Sequence[str], config_dirs: Sequence[Path] = ()) -> tuple[DictConfig, dict]:
    """Compose as `composed` does, with Hydra alone."""
    with _loader():
        cfg = compose(root, [*overrides, *_search_path(config_dirs)], return_hydra_config=True)
    choices = {group: name for group, name in cfg.hydra.runtime.choices.items() if not group.startswith("hydra/")}
    with open_dict(cfg):
        del cfg["hydra"]
    return cfg, choices


@contextmanager
def _loader() -> Iterator[ConfigLoaderImpl]:
    """What Hydra composes with, on files that are read once."""
    GlobalHydra.instance().clear()
    with initialize_config_dir(str(CONF), version_base="1.3"), _choices_only_where_read():
        loader = GlobalHydra.instance().config_loader()
        assert isinstance(loader, ConfigLoaderImpl)
        loader.repository = _Files(loader.config_search_path)
        yield loader


@contextmanager
def _choices_only_where_read() -> Iterator[None]:
    """Have Hydra list all choices only for files whose list of defaults refers to some, such as `backbone: ${data}`.

    It makes this list, which nothing else reads, for each of thirty files: a third of the time of a composition.
    """
    listed, nothing = of_hydra._create_interpolation_map, OmegaConf.create()

    def where_read(overrides: Overrides, defaults_list: list[InputDefault], self_added: bool) -> DictConfig:
        read = any(one.is_interpolation() for one in defaults_list)
        return listed(overrides, defaults_list, self_added) if read else nothing

    of_hydra._create_interpolation_map = where_read
    try:
        yield
    finally:
        of_hydra._create_interpolation_map = listed


@lru_cache(maxsize=4096)
def _parsed(override: str) -> Override:
    """Parse an override. Studies repeat most of theirs in each row; nobody writes to what is returned."""
    return OverridesParser.create().parse_overrides([override])[0]


class _Files(ConfigRepository):
    """The files that Hydra composes. Those of fercli and of Hydra are read once; those of the user may change."""

    read: ClassVar[dict[tuple[str, str], bytes]] = {}

    def __deepcopy__(self, memo: dict[int, Any]) -> "_Files":
        """Share the sources with the copy. Hydra makes one for each composition, and changes no source."""
        return copy(self)

    def load_config(self, config_path: str) -> ConfigResult | None:
        key = str(CONF), config_path
        if key not in self.read:
            found = self._of_keys(config_path)
            if found is None or found.provider not in OWN:
                return found
            self.read[key] = pickle.dumps(found)
        return pickle.loads(self.read[key])  # Hydra writes to what it is given

    def _of_keys(self, config_path: str) -> ConfigResult | None:
        """Load a file, and refuse one that holds a list or a single value, which Hydra takes or refuses by chance."""
        try:
            found = super().load_config(config_path)
        except OSError as error:
            if error.errno is not None:  # an error of the system; that of OmegaConf has no number
                raise
            found_instead = "one value"
        else:
            if found is None or isinstance(found.config, DictConfig):
                return found
            found_instead = "a list"
        raise ConfigError(f"{config_path}.yaml of your own: expected keys with values, found {found_instead}")


def _is_group(key: str, config_dirs: Sequence[Path] = ()) -> bool:
    return any((Path(folder) / key).is_dir() for folder in (CONF, *config_dirs))


def _is_choice(override: Override, config_dirs: Sequence[Path]) -> bool:
    """Whether it chooses a yaml; a mapping in place of a name is a value."""
    is_one = not override.is_sweep_override() and not isinstance(override.value(), dict)
    return is_one and _is_group(override.key_or_group, config_dirs)


def _is_value(override: Override, config_dirs: Sequence[Path]) -> bool:
    """Whether it changes or adds one value of the configuration, and nothing of Hydra's own."""
    return (
        override.type in (OverrideType.CHANGE, OverrideType.ADD)
        and not override.is_sweep_override()
        and override.package is None
        and not override.key_or_group.startswith("hydra")
        and not _is_group(override.key_or_group, config_dirs)
    )


def _applied(cfg: DictConfig, override: Override) -> bool:
    """Set a value as Hydra does. Return False where Hydra refuses: when `+` adds a key that exists."""
    key, value = override.key_or_group, override.value()
    add = override.is_add()
    if add and not isinstance(value, dict | list) and OmegaConf.select(cfg, key, throw_on_missing=False) is not None:
        return False
    OmegaConf.update(cfg, key, value, merge=True, force_add=add)
    return True
