"""The interface to Hydra: compose a configuration, read its choices, build objects from it."""

import logging
import pickle
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from hydra.errors import ConfigCompositionException, MissingConfigException, OverrideParseException
from hydra.utils import get_object
from hydra.utils import instantiate as hydra_instantiate
from omegaconf import DictConfig, OmegaConf, flag_override, open_dict
from omegaconf.errors import InterpolationKeyError, MissingMandatoryValue, OmegaConfBaseException
from yaml import YAMLError

from fercli.catalog import groups
from fercli.composition import composed, files_of, literal_path, unknown_added
from fercli.errors import ConfigError, printable, reading
from fercli.facts import facts_of
from fercli.files import write_text
from fercli.own_code import place_in_own_code
from fercli.own_files import check_own_files, check_terms
from fercli.plain_yaml import read_yaml, yaml_error_in_words
from fercli.trust import foreign_code, interpolations
from fercli.unknown_options import explain, no_option

logging.getLogger("hydra.utils").setLevel(logging.CRITICAL)  # `get_object` logs in three lines what it then raises

Config = DictConfig  # other modules name the type without importing OmegaConf


def compose(root: str, overrides: Sequence[str] = (), config_dirs: Sequence[Path] = ()) -> DictConfig:
    """Compose the configuration of one subcommand from `conf/<root>.yaml`, the user's own folders and the overrides.

    Raises:
        ConfigError: a group, choice or key does not exist (the message lists the choices and the nearest);
            a file of the user is not yaml, or has the name of one of fercli's; a loss or a metric has no name, or that
            of another one; a metric lacks a required key (the message names the file and the key).
    """
    overrides = [literal_path(override) for override in overrides]
    try:
        cfg, found = composed(root, overrides, config_dirs)
    except (
        ConfigCompositionException,
        MissingConfigException,
        OverrideParseException,
        OmegaConfBaseException,
        ValueError,  # of Hydra, for a group that is given a number
    ) as error:
        raise ConfigError(explain(error, root, overrides, config_dirs)) from error
    except YAMLError as error:
        raise ConfigError(yaml_error_in_words(error)) from None
    if unknown := unknown_added(root, overrides, config_dirs, cfg):
        raise ConfigError(no_option(unknown, root, overrides, config_dirs))
    with flag_override(cfg, ["struct", "no_deepcopy_set_nodes"], [False, True]):
        cfg.choices = pickle.loads(_choices(tuple((group, found.get(group)) for group in groups(root))))
    if config_dirs:
        check_own_files(files_of(root, overrides, config_dirs), config_dirs)
    if "loss" in cfg and _may_be_own("loss", overrides, config_dirs):
        check_terms(unresolved(cfg.loss))
    if "metrics" in cfg and _may_be_own("metrics", overrides, config_dirs):
        facts_of(unresolved(cfg.metrics), config_dirs)
    return cfg


@cache
def _choices(found: tuple[tuple[str, str | None], ...]) -> bytes:
    """Make the nodes of the choices once: a plan composes the same ones many times, and unpickling is quicker."""
    return pickle.dumps(OmegaConf.create(dict(found)))


def _may_be_own(group: str, overrides: Sequence[str], config_dirs: Sequence[Path]) -> bool:
    """Whether a user may have written what a group holds; what fercli itself holds is right."""
    return bool(config_dirs) or any(override.lstrip("+~").startswith(group) for override in overrides)


# What to give for an option without a value, for messages.
TO_GIVE = {
    "store": "the folder that fercli preprocess writes",
    "passer.store": "the store of the emotion model",
    "noise.file": "CSV file with noisy labels",
    "noise.matrix": "CSV file or run folder",
}


def require(cfg: DictConfig, *keys: str) -> None:
    """Raise ConfigError if one of the keys has no value yet, and say how to give one."""
    missing = [key for key in keys if OmegaConf.select(cfg, key, throw_on_missing=False) is None]
    if missing:
        given = " ".join(f"{key}=<{TO_GIVE.get(key, '...')}>" for key in missing)
        raise ConfigError(f"no value for {', '.join(missing)}; add {given}")


def instantiate(node: Any, **kwargs: Any) -> Any:
    """Build what a node's `_target_` names.

    Raises:
        ConfigError: the target cannot be imported, or refuses its arguments.
    """
    from hydra.errors import InstantiationException

    # A copy, because Hydra resolves in place, even nodes elsewhere that this node only refers to.
    copy = OmegaConf.create(_without_orders(plain(node))) if OmegaConf.is_config(node) else node
    try:
        return hydra_instantiate(copy, **kwargs)
    except InstantiationException as error:
        if error.__cause__ is not None and type(error.__cause__).__module__ == "fercli.errors":
            raise error.__cause__ from None
        raise ConfigError(_not_found(error) or _refused(error) or str(error)) from error
    except MissingMandatoryValue as error:
        key = node._get_full_key(error.full_key) if OmegaConf.is_config(node) else error.full_key
        raise ConfigError(f"expected a value of {key}; found none: give {key}=<value>") from error
    except InterpolationKeyError as error:
        raise ConfigError(str(error).splitlines()[0]) from error


def _not_found(error: Exception) -> str:
    """What to do about a `_target_` that cannot be imported; empty where the error is another one."""
    located = re.match(r"Error locating target '([^']+)'.*?(?:\nfull_key: (\S+))?$", str(error), flags=re.DOTALL)
    if not located:
        return ""
    target, key = printable(located[1]), printable(located[2] or "")
    where = f" of {key}" if key else ""
    module = target.partition(".")[0]
    cause = error.__cause__.__cause__ if error.__cause__ is not None else None
    if isinstance(cause, ModuleNotFoundError) and cause.name == module:
        return (
            f"expected _target_: {target}{where} in a module that Python finds; no module is named '{module}': install "
            "it, or name the folder that it lies in: export PYTHONPATH=<folder>"
        )
    return f"expected a class or function at {target}, the _target_{where}; found none ({printable(str(cause))})"


def _refused(error: Exception) -> str:
    """What a `_target_` says of its arguments; empty where the error is another one."""
    called = re.match(r"Error in call to target '([^']+)'", str(error))
    if not called or error.__cause__ is None:
        return ""
    target, cause = called[1], error.__cause__
    lacks = isinstance(cause, TypeError) and " missing " in str(cause) and not isinstance(get_object(target), type)
    hint = "; to have fercli call this function later, write _partial_: true below its _target_" if lacks else ""
    said = printable(str(cause)) or type(cause).__name__
    place = place_in_own_code(error)
    return f"{target} refuses its options: {said}{f' ({place})' if place else ''}{hint}"


def _without_orders(content: Any) -> Any:
    """Return resolved content if it holds no interpolation. One that is left came from outside.

    Raises:
        ConfigError: an interpolation is left. Escaping it does not help, because Hydra resolves twice.
    """
    if found := interpolations(content):
        raise ConfigError(f"expected plain text, found what looks like an interpolation: {printable(found[0])}")
    return content


def plain(cfg: Any) -> Any:
    """The configuration as plain dictionaries and lists, interpolations resolved."""
    try:
        return OmegaConf.to_container(cfg, resolve=True)
    except OmegaConfBaseException as error:
        raise ConfigError(str(error).splitlines()[0]) from error


def unresolved(cfg: DictConfig) -> dict[str, Any]:
    """The configuration as plain dictionaries and lists, with interpolations kept as text."""
    content = OmegaConf.to_container(cfg, resolve=False)
    assert isinstance(content, dict)
    return {str(key): value for key, value in content.items()}


def text(cfg: DictConfig) -> str:
    """The configuration as yaml, interpolations kept."""
    return OmegaConf.to_yaml(cfg)


def save(cfg: DictConfig, path: Path) -> None:
    """Write the configuration as yaml, interpolations resolved."""
    write_text(path, OmegaConf.to_yaml(cfg, resolve=True))


def load(path: Path, *, trust: bool = False) -> DictConfig:
    """Read a configuration that a run folder holds.

    Raises:
        ConfigError: the file is damaged; or it would build a target that `fercli.trust` does not list, without `trust`.
    """
    content = read_yaml(path)
    foreign = [] if trust else foreign_code(content, get_object)
    if foreign:
        raise ConfigError(
            f"{path} asks to run code outside the parts that fercli builds experiments from: {', '.join(foreign)}. "
            "If you know where this run comes from, give --trust-config."
        )
    with reading(path, "a configuration", error=ConfigError, remedy="train this run again"):
        return OmegaConf.create(content)  # resolved, exactly as checked: no interpolation can change a target later


def foreign_parts(node: DictConfig) -> list[str]:
    """List what in a part of a run's configuration `fercli.trust` does not let be built."""
    return foreign_code(unresolved(node), get_object)


def add_missing(node: Config, other: Config) -> None:
    """Add the entries of another mapping that this one lacks, without resolving their interpolations."""
    with open_dict(node):
        for key in other:
            if key not in node:
                node[key] = other[key]
