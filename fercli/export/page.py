"""A folder with a page that runs an exported network in a browser, without a network connection."""

import json
import re
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from fercli.errors import ConfigError, printable, reading

PAGE = ("index.html", "page.js", "style.css")
PACKAGE = "onnxruntime-web"
RUNTIME = ("ort.wasm.min.mjs", "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm")
OLDEST = (1, 19)  # the first version with these files
INSTALL = f"npm install {PACKAGE} puts it into node_modules/{PACKAGE}"


def page_files(package: Path, facts: Mapping[str, Any]) -> dict[str, bytes]:
    """Return the files of the page, by name, without the network itself.

    Args:
        package: folder of the npm package `onnxruntime-web`.
        facts: of the exported network, see `fercli.export.facts`.

    Raises:
        ConfigError: the folder is not that package, or an old version of it; or the network reads more than an image.
    """
    require_images_alone(facts)
    require_package(package)
    own = files("fercli.export") / "browser"
    found = {name: (own / name).read_bytes() for name in PAGE}
    return found | {name: (package / "dist" / name).read_bytes() for name in RUNTIME}


def require_images_alone(facts: Mapping[str, Any]) -> None:
    """Make sure that a network reads single images and nothing else.

    Raises:
        ConfigError: it reads clips, scenes or landmarks.
    """
    more = ["clips"] if facts["clip"] else []
    more += [{"context": "scenes", "landmarks": "landmarks"}[name] for name in facts["inputs"] if name != "image"]
    if more:
        raise ConfigError(f"the page gives a network single images; {facts['run']} reads {' and '.join(more)} as well")


def require_package(package: Path) -> None:
    """Make sure that a folder is the npm package `onnxruntime-web`, with the files that the page loads.

    Raises:
        ConfigError: it is not.
    """
    description, place = package / "package.json", printable(str(package))
    if not description.is_file():
        raise ConfigError(f"expected the npm package {PACKAGE} in {place}, found no package.json; {INSTALL}")
    with reading(description, "the description of an npm package", error=ConfigError, remedy=INSTALL):
        content = json.loads(description.read_text("utf-8"))
        name, version = str(content["name"]), str(content["version"])
        numbers = tuple(map(int, re.findall(r"\d+", version)[:2]))
    if name != PACKAGE or numbers < OLDEST:
        wanted = f"{PACKAGE} of version {'.'.join(map(str, OLDEST))} or later"
        raise ConfigError(f"expected {wanted} in {place}, found {printable(f'{name} {version}')}; {INSTALL}")
    missing = [name for name in RUNTIME if not (package / "dist" / name).is_file()]
    if missing:
        raise ConfigError(f"{place} lacks dist/{' and dist/'.join(missing)}; {INSTALL}")
