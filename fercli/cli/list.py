"""`fercli list`: all choices for a configuration."""

from typing import Annotated

import typer

from fercli.cli.arguments import ConfigDirs, Json

KINDS = {
    "methods": "method",
    "data": "data",
    "losses": "loss",
    "centers": "center_bank",
    "backbones": "backbone",
    "graph_samplings": "graph_sampling",
    "heads": "head",
    "classifiers": "classifier",
    "samplers": "sampler",
    "noises": "noise",
    "augmentations": "augment",
    "detectors": "detector",
    "landmarks": "landmarks",
    "crops": "crops",
    "optimizers": "optimizer",
    "schedulers": "scheduler",
    "passers": "passer",
    "scales": "scale",
    "selections": "selection",
    "folds": "folds",
    "trainers": "trainer",
    "loggers": "logger",
    "metrics": "metrics",
    "budgets": "budget",
    "experiments": "experiment",
    "studies": "study",
    "intended": "intended",
    "launchers": "launcher",
}


def list_choices(
    kind: Annotated[
        str | None,
        typer.Argument(help=f"One of: {', '.join(KINDS)}.", show_default=False, autocompletion=lambda: list(KINDS)),
    ] = None,
    config_dir: ConfigDirs = None,
    json: Json = False,
) -> None:
    """List all choices, and the folders of their yaml files."""
    from fercli.catalog import CONF, describe
    from fercli.errors import ConfigError, nearest

    kind = {group: name for name, group in KINDS.items()}.get(kind or "", kind)
    if kind is not None and kind not in KINDS:
        raise ConfigError(f"nothing named '{kind}' to list; {nearest(kind, list(KINDS))}")
    conf_dirs = [CONF, *(config_dir or [])]
    found = {
        name: {conf / group: entries for conf in conf_dirs if (entries := describe(group, conf))}
        for name, group in KINDS.items()
        if kind in (None, name)
    }
    if "methods" in found and CONF / "method" in found["methods"]:
        from fercli.tasks import task

        own = found["methods"][CONF / "method"]
        own |= {method: f"{about} [{task(method)}]" for method, about in own.items()}
    if json:
        import json as json_module

        rows = {
            name: [
                {"name": choice, "about": about, "yaml": str(folder / f"{choice}.yaml")}
                for folder, entries in folders.items()
                for choice, about in entries.items()
            ]
            for name, folders in found.items()
        }
        print(json_module.dumps(rows, indent=2))
        return
    from fercli.cli.printing import tell

    width = max(len(choice) for folders in found.values() for entries in folders.values() for choice in entries)
    for name, folders in found.items():
        for folder, entries in folders.items():
            tell(f"{name}  ({folder}/)")
            for choice, about in entries.items():
                tell(f"  {choice:<{width}}  {about}")
            print()
