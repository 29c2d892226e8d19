"""The page of an exported network: its files, and what it shows in a real browser."""

import json
import os
import re
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from fercli.errors import ConfigError
from fercli.export import page as module
from fercli.export.folder import export
from fercli.export.page import PAGE, RUNTIME, page_files
from fercli.inference.onnx_model import open_model
from tests.export.browser import chromium, served

FILES = Path(module.__file__).parent / "browser"
IMAGES_ALONE = {"run": "softmax_x", "clip": None, "inputs": {"image": {}}}
VARIABLE = "FERCLI_ONNXRUNTIME_WEB"


@pytest.fixture
def package(tmp_path):
    """A folder that looks like the npm package, without its content."""
    (tmp_path / "package" / "dist").mkdir(parents=True)
    describe(tmp_path / "package")
    for name in RUNTIME:
        (tmp_path / "package" / "dist" / name).write_text(name)
    return tmp_path / "package"


def describe(package, name="onnxruntime-web", version="1.30.0"):
    (package / "package.json").write_text(json.dumps({"name": name, "version": version}))


def test_the_page_has_its_own_files_and_those_of_the_package(package):
    found = page_files(package, IMAGES_ALONE)
    assert {*found} == {*PAGE, *RUNTIME}
    assert found["ort.wasm.min.mjs"] == b"ort.wasm.min.mjs"


def test_another_package_an_old_one_and_an_incomplete_one_are_refused(package):
    describe(package, version="1.18.2")
    with pytest.raises(
        ConfigError, match=r"expected onnxruntime-web of version 1\.19 or later in .*1\.18\.2; npm install"
    ):
        page_files(package, IMAGES_ALONE)
    describe(package, name="left-pad")
    with pytest.raises(ConfigError, match="found left-pad"):
        page_files(package, IMAGES_ALONE)
    (package / "package.json").write_text("[]")
    with pytest.raises(ConfigError, match="is damaged: expected the description of an npm package"):
        page_files(package, IMAGES_ALONE)
    describe(package)
    (package / "dist" / RUNTIME[1]).unlink()
    with pytest.raises(ConfigError, match=rf"lacks dist/{RUNTIME[1]}"):
        page_files(package, IMAGES_ALONE)


def test_networks_that_read_more_than_images_are_refused(package):
    facts = {"run": "caer_net_x", "clip": {"length": 8}, "inputs": {"image": {}, "context": {}}}
    with pytest.raises(ConfigError, match="caer_net_x reads clips and scenes as well"):
        page_files(package, facts)
    with pytest.raises(ConfigError, match="dlga_x reads landmarks as well"):
        page_files(package, {"run": "dlga_x", "clip": None, "inputs": {"image": {}, "landmarks": {}}})


def test_the_page_names_no_other_place_and_allows_none():
    """No address, no script or style in the page itself, which its policy would not run."""
    for name in PAGE:
        assert not re.search(r"https?:|//[a-z]+\.", (FILES / name).read_text().replace("// ", "")), name
    html = (FILES / "index.html").read_text()
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', html)[1]
    assert policy.startswith("default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self';")
    assert "unsafe-inline" not in policy
    assert not re.search(r"<style|style=|<script>| on\w+=", html)


@pytest.fixture(scope="module")
def shown(exported, tmp_path_factory):
    """The page of a real run in a real browser, the folder of the run, and the paths that the page asked for."""
    if not os.environ.get(VARIABLE):
        pytest.skip(f"{VARIABLE} names no folder of the npm package onnxruntime-web")
    if not all(map(shutil.which, ("chromium", "chromedriver"))):
        pytest.skip("chromium or chromedriver is not installed")
    target = tmp_path_factory.mktemp("page") / "out"
    export(exported.run, target, ["onnx"], browser=Path(os.environ[VARIABLE]))
    with served(target / "browser") as (address, asked), chromium() as page:
        page.open(address)
        page.wait_for("return document.getElementById('status').textContent.startsWith('Ready')")
        yield page, target, asked


VALUES = "return Array.from(document.querySelectorAll('#outputs meter'), (one) => Number(one.dataset.value))"
CORNER = "return Array.from(document.getElementById('seen').getContext('2d').getImageData(0, 0, 1, 1).data)"
OWN = ("", "model.onnx", "model.json")


def test_the_browser_computes_what_fercli_does(shown, tmp_path):
    """For an image of the network's size, which the browser does not resize; the other part of the test resizes."""
    page, target, asked = shown
    model = open_model(target / "model.onnx")
    image = np.random.default_rng(0).integers(0, 256, (48, 48, 3), dtype=np.uint8)
    cv2.imwrite(str(tmp_path / "noise.png"), image[..., ::-1])
    page.type("#file", str(tmp_path / "noise.png"))
    page.wait_for("return document.getElementById('status').textContent.startsWith('noise.png: 48 x 48')")
    (expected,) = model.predict_crops(image[None])
    numbers = [value for name, value in expected.items() if name != "predicted"]
    np.testing.assert_allclose(page.run(VALUES), numbers, atol=1e-4)
    names = page.run("return Array.from(document.querySelectorAll('#outputs th'), (one) => one.textContent)")
    assert names == [*model.classes, "valence", "arousal"]
    first = page.run("return document.querySelector('#outputs tr.first th').textContent")
    assert first == expected["predicted"]

    wide = np.full((48, 96, 3), 255, np.uint8)
    wide[:, 24:72] = image  # the middle square
    cv2.imwrite(str(tmp_path / "wide.png"), wide[..., ::-1])
    page.type("#file", str(tmp_path / "wide.png"))
    page.wait_for("return document.getElementById('status').textContent.startsWith('wide.png')")
    np.testing.assert_allclose(page.run(VALUES), numbers, atol=1e-4)
    page.click("[value=whole]")
    page.wait_for(f"return Math.abs(({VALUES.removeprefix('return ')})[0] - {numbers[0]}) > 1e-5")
    assert page.run(CORNER) == [0, 0, 0, 255]  # the black above the image
    page.click("[value=middle]")

    (tmp_path / "text.png").write_text("no image")
    page.type("#file", str(tmp_path / "text.png"))
    page.wait_for("return document.querySelector('#status.error')?.textContent.startsWith('text.png is not an image')")
    assert {path.partition("?")[0] for path in asked} <= {f"/{name}" for name in (*PAGE, *RUNTIME, *OWN)}


def test_the_camera_is_predicted_until_it_is_stopped(shown):
    page, _, _ = shown
    page.click("#camera")
    page.wait_for("return /^Camera: [0-9.]+ images/.test(document.getElementById('status').textContent)")
    assert len(page.run(VALUES)) == 10
    page.click("#camera")
    page.wait_for("return document.getElementById('status').textContent === 'The camera is off'")
    assert [message for message in page.messages() if "Content Security Policy" in message] == []
