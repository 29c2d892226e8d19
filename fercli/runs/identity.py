"""What makes two trainings the same experiment: the id in the name of a run folder."""

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

# Keys that may differ between two runs of the same experiment: seed, paths, hardware, names, and logging.
# The run that `init` names counts by the checksum of its weights, which is part of the fingerprint of the data.
NOT_IDENTITY = ("seed", "store", "runs", "choices", "logger", "sizes", "init")
# Facts of a metric that change what is printed and drawn, not what a training does.
PRINTED = ("label", "unit", "decimals", "bounds", "names_rare", "is_error")
RUN_FOLDER = re.compile(r"(^|/)seed\d+/?$")  # the end of a path to a run
HARDWARE = (  # and what only watches the training
    *("accelerator", "devices", "num_nodes", "strategy", "num_workers", "checkpoint_every_minutes", "profiler"),
)


def run_id(config: dict[str, Any], data_fingerprint: str) -> str:
    """Hash of the data and of the configuration without seed, paths, hardware and descriptions: 10 hexadecimal digits.

    One part of the hardware counts: the number of processes, if each computes its losses on its own rows.

    Args:
        config: with unresolved interpolations, so that it does not depend on the seed, nor on sizes that are known only
            after the network is built.
        data_fingerprint: fingerprint of all that the training reads, as `fercli.engine.identity` gives it.
    """
    identity = {key: value for key, value in config.items() if key not in NOT_IDENTITY}
    identity["trainer"] = {key: value for key, value in config["trainer"].items() if key not in HARDWARE}
    if identity["trainer"].get("global_batch"):  # then the number of processes does not change results
        del identity["trainer"]["global_batch"]
    elif "global_batch" in identity["trainer"] and (number := num_processes(config["trainer"])) != 1:
        identity["trainer"]["num_processes"] = number
    if "meter" in identity.get("selection", {}):  # it watches, and changes no result
        identity["selection"] = {key: value for key, value in identity["selection"].items() if key != "meter"}
    for name in ("search", "score"):
        if identity.get(name) is None:
            identity.pop(name, None)
    identity["metrics"] = {
        name: {key: value for key, value in metric.items() if key not in PRINTED}
        for name, metric in config["metrics"].items()
    }
    if identity.get("passer") is not None:
        identity["passer"] = {key: value for key, value in identity["passer"].items() if key != "store"}
    if identity.get("twins") == "equal":  # as before there was a choice
        del identity["twins"]
    if identity.get("folds") is None:  # the splits of the data set, as before there were folds
        identity.pop("folds", None)
    elif "path" in identity["folds"]:  # the content of the file is part of the fingerprint
        identity["folds"] = {key: value for key, value in identity["folds"].items() if key != "path"}
    if (noise := identity.pop("noise", None)) is not None:  # the content of its file is part of the fingerprint
        identity["noise"] = {key: value for key, value in noise.items() if key not in ("file", "matrix")}
    if "data" in identity:  # words that describe the data, and how evaluations are divided
        identity["data"] = {key: value for key, value in identity["data"].items() if key not in ("protocol", "groups")}
    if RUN_FOLDER.search(str((identity.get("backbone") or {}).get("weights"))):  # weights of a run have two names
        identity["backbone"] = identity["backbone"] | {"weights": weights_file(identity["backbone"]["weights"])}
    identity["data_fingerprint"] = data_fingerprint
    return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()[:10]


def weights_file(path: str | Path) -> str:
    """Return the file with weights that a path names: for a run folder, its `weights.ckpt`."""
    return str(Path(path) / "weights.ckpt") if RUN_FOLDER.search(str(path)) else str(path)


def num_processes(trainer: Mapping[str, Any]) -> int | None:
    """Number of training processes, from the options `devices` and `num_nodes`; None where the machine decides."""
    devices = trainer["devices"]
    devices = len(devices) if isinstance(devices, list) else devices
    return devices * trainer["num_nodes"] if isinstance(devices, int) and devices > 0 else None
