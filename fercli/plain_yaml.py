"""Read yaml that came with a run folder: plain keys and values, without references, and of limited size."""

from pathlib import Path
from typing import Any

import yaml
from yaml import AliasEvent, MarkedYAMLError, Node, SafeLoader, YAMLError

from fercli.errors import ConfigError, reading

MOST_YAML_BYTES = 1 << 20  # the largest configuration of a run has some 20,000


class _PlainLoader(SafeLoader):
    """Reads yaml without references, because a few bytes of references can expand to gigabytes."""

    def compose_node(self, parent: Node | None, index: int) -> Node | None:
        if self.check_event(AliasEvent):
            raise YAMLError("it refers to another part of itself, which no file of fercli does")
        return super().compose_node(parent, index)


def read_yaml(path: Path, remedy: str = "train this run again") -> dict[str, Any]:
    """Read a yaml file that came with a run folder: plain keys and values.

    Raises:
        ConfigError: the file cannot be read, is larger than any that fercli writes, holds references, or holds no keys.
    """
    try:
        size = path.stat().st_size
        if size > MOST_YAML_BYTES:
            raise ConfigError(
                f"{path} is damaged: expected at most {MOST_YAML_BYTES:,} bytes, found {size:,}; {remedy}"
            )
        with reading(path, "yaml", error=ConfigError, remedy=remedy):
            try:
                content = yaml.load(path.read_text(encoding="utf-8"), _PlainLoader)
            except YAMLError as error:
                raise ConfigError(f"{path} is damaged: {yaml_error_in_words(error, path)}; {remedy}") from None
    except FileNotFoundError:
        raise ConfigError(f"{path} is missing; {remedy}") from None
    if not isinstance(content, dict) or not all(isinstance(key, str) for key in content):
        raise ConfigError(f"{path} is damaged: expected keys with values, found a {type(content).__name__}; {remedy}")
    return content


def yaml_error_in_words(error: YAMLError, path: Path | None = None) -> str:
    """Turn a yaml error into one sentence with the place."""
    if isinstance(error, MarkedYAMLError) and error.problem_mark is not None:
        mark = error.problem_mark
        hint = "; indent with spaces" if "'\\t'" in str(error.problem) else ""
        return f"line {mark.line + 1} of {path or mark.name} is no yaml: {error.problem}{hint}"
    return str(error).splitlines()[0]
