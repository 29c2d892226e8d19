"""The one place that touches Hydra: compose a configuration, read its choices, build objects from it."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from hydra import compose as hydra_compose
from hydra import initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from hydra.errors import ConfigCompositionException, MissingConfigException, OverrideParseException
from hydra.utils import get_object
from hydra.utils import instantiate as hydra_instantiate
from omegaconf import DictConfig, OmegaConf, open_dict
from omegaconf.errors import InterpolationKeyError, MissingMandatoryValue, OmegaConfBaseException
from yaml import MarkedYAMLError, YAMLError

from fercli.catalog import CONF, choices, groups
from fercli.errors import ConfigError, nearest
from fercli.facts import facts_of
from fercli.trust import foreign_code

Config = DictConfig  # so that other modules can name the type without importing OmegaConf


def compose(root: str, overrides: Sequence[str] = (), config_dirs: Sequence[Path] = ()) -> DictConfig:
    """The configuration of one subcommand, from `conf/<root>.yaml`, the user's own folders and the overrides.

    Raises:
        ConfigError: a group, choice or key that does not exist, with the choices and the nearest of them; a file of the
            user's own that is no yaml; a metric that does not say what it must, with the file and the key.
    """
    added = [f"hydra.searchpath=[{','.join(f'file://{Path(folder).resolve()}' for folder in config_dirs)}]"]
    GlobalHydra.instance().clear()
    try:
        with initialize_config_dir(str(CONF), version_base="1.3"):
            cfg = hydra_compose(root, [*overrides, *(added if config_dirs else [])], return_hydra_config=True)
    except (
        ConfigCompositionException,
        MissingConfigException,
        OverrideParseException,
        OmegaConfBaseException,
        ValueError,  # of Hydra, for a group that is given a number
    ) as error:
        raise ConfigError(_explain(error, root, overrides, config_dirs)) from error
    except YAMLError as error:
        raise ConfigError(_yaml_error(error)) from None
    chosen = {group: cfg.hydra.runtime.choices.get(group) for group in groups(root)}
    with open_dict(cfg):
        del cfg["hydra"]
        cfg.choices = chosen
    if "metrics" in cfg:
        facts_of(unresolved(cfg.metrics), config_dirs)
    return cfg


def require(cfg: DictConfig, *keys: str) -> None:
    """Raise ConfigError for each of the keys that has no value yet, with the way to give one."""
    missing = [key for key in keys if OmegaConf.select(cfg, key, throw_on_missing=False) is None]
    if missing:
        raise ConfigError("no value for " + ", ".join(missing) + "; add " + " ".join(f"{key}=<...>" for key in missing))


def instantiate(node: Any, **kwargs: Any) -> Any:
    """Build what a node's `_target_` names.

    Raises:
        ConfigError: the target cannot be imported, or refuses its arguments.
    """
    from hydra.errors import InstantiationException

    # A copy, because Hydra resolves in place, also what lies elsewhere and is only referred to.
    copy = OmegaConf.create(plain(node)) if OmegaConf.is_config(node) else node
    try:
        return hydra_instantiate(copy, **kwargs)
    except InstantiationException as error:
        if error.__cause__ is not None and type(error.__cause__).__module__ == "fercli.errors":
            raise error.__cause__ from None
        raise ConfigError(str(error)) from error
    except (MissingMandatoryValue, InterpolationKeyError) as error:
        raise ConfigError(str(error).splitlines()[0]) from error


def plain(cfg: Any) -> Any:
    """The configuration as plain dictionaries and lists, interpolations resolved."""
    try:
        return OmegaConf.to_container(cfg, resolve=True)
    except OmegaConfBaseException as error:
        raise ConfigError(str(error).splitlines()[0]) from error


def unresolved(cfg: DictConfig) -> dict[str, Any]:
    """The configuration as plain dictionaries and lists, interpolations kept: what it says, not what it comes to."""
    content = OmegaConf.to_container(cfg, resolve=False)
    assert isinstance(content, dict)
    return {str(key): value for key, value in content.items()}


def text(cfg: DictConfig) -> str:
    """The configuration as yaml, interpolations kept."""
    return OmegaConf.to_yaml(cfg)


def save(cfg: DictConfig, path: Path) -> None:
    """Write the configuration as yaml, interpolations resolved."""
    path.write_text(OmegaConf.to_yaml(cfg, resolve=True))


def load(path: Path, *, trust: bool = False) -> DictConfig:
    """Read a configuration that a run folder holds.

    Raises:
        ConfigError: it is damaged, or wants to build what `fercli.trust` does not list, and `trust` is not given.
    """
    try:
        cfg = OmegaConf.load(path)
    except YAMLError as error:
        raise ConfigError(f"{path} is damaged: {_yaml_error(error)}") from None
    except OSError as error:
        raise ConfigError(f"{path} is damaged: {error}") from None
    if not isinstance(cfg, DictConfig):
        raise ConfigError(f"{path} is damaged: expected keys with values, found a {type(cfg).__name__}")
    content = plain(cfg)
    foreign = [] if trust else foreign_code(content, get_object)
    if foreign:
        raise ConfigError(
            f"{path} asks to run code outside the parts that fercli builds experiments from: {', '.join(foreign)}. "
            "If you know where this run comes from, give --trust-config."
        )
    return OmegaConf.create(content)  # as it was looked at: nothing in it comes to something else later


def _yaml_error(error: YAMLError) -> str:
    """One sentence with the place, instead of a paragraph."""
    if isinstance(error, MarkedYAMLError) and error.problem_mark is not None:
        mark = error.problem_mark
        hint = "; indent with spaces" if "'\\t'" in str(error.problem) else ""
        return f"line {mark.line + 1} of {mark.name} is no yaml: {error.problem}{hint}"
    return str(error).splitlines()[0]


def add_missing(node: Config, other: Config) -> None:
    """Add to a mapping those entries of another that it lacks, with their interpolations as they are."""
    with open_dict(node):
        for key in other:
            if key not in node:
                node[key] = other[key]


def _explain(error: Exception, root: str, overrides: Sequence[str], config_dirs: Sequence[Path]) -> str:
    """One sentence for the person who typed, instead of Hydra's paragraph."""
    message = str(error)

    def offered(group: str) -> list[str]:
        return sorted({name for folder in (CONF, *config_dirs) for name in choices(group, Path(folder))})

    if found := re.search(r"Could not (?:find|load) '([^']+)/([^'/]+)'", message):
        group, name = found.groups()
        return f"no {group} named '{name}'; {nearest(name, offered(group))}"
    if found := re.search(r"Could not override '([^'@]+)", message):
        key = found[1]
        known = sorted({*groups(root), *top_level_keys(root)}) if "." not in key else []
        if hiding := [folder for folder in config_dirs if (Path(folder) / key).is_dir()]:  # known to Hydra as a group
            return f"the folder {Path(hiding[0]) / key} hides the option '{key}' of {root}; name another --config-dir"
        return f"no option named '{key}' in {root}" + (
            f"; {nearest(key, known)}" if known else _siblings(root, key, overrides, offered)
        )
    if found := re.search(r"Could not find '([^']+)'", message):
        return f"no configuration named '{found[1]}'"
    if isinstance(error, OverrideParseException):
        return f"cannot read the override '{error.override}'; expected key=value"
    return message.splitlines()[0]


def _siblings(root: str, key: str, overrides: Sequence[str], offered: Callable[[str], list[str]]) -> str:
    """Choices beside a nested key that does not exist, such as trainer.max_epoch."""
    parent, _, last = key.rpartition(".")
    chosen = [override for override in overrides if override.partition("=")[0] in groups(root)]
    try:
        with initialize_config_dir(str(CONF), version_base="1.3"):
            node = OmegaConf.select(hydra_compose(root, chosen), parent)
    except Exception:
        return ""
    if node is None and (names := offered(parent)):
        return f"; it belongs to one of {', '.join(f'{parent}={name}' for name in names)}, of which none is chosen"
    return (
        f"; {nearest(last, [str(k) for k in node])}" if isinstance(node, DictConfig) else f"; '{parent}' has no options"
    )


def top_level_keys(root: str) -> list[str]:
    """The plain options of a subcommand's root yaml."""
    import yaml

    return [key for key in yaml.safe_load((CONF / f"{root}.yaml").read_text()) if key not in ("defaults", "hydra")]
