"""A headless Chromium that is driven over the protocol of WebDriver, and a plain server of files for it."""

import json
import shutil
import subprocess
import tempfile
import threading
import time
import urllib.request
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # key of an element's id, as the standard says
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
FLAGS += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
CAMERA = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]  # a drawn test pattern


class Quiet(SimpleHTTPRequestHandler):
    """The handler of `python -m http.server`; it notes what is asked for."""

    asked: list[str]

    def log_message(self, *arguments):
        self.asked.append(self.path)


@contextmanager
def served(folder):
    """Serve a folder on this machine; gives the address and the list of paths that were asked for."""
    handler = type("Handler", (Quiet,), {"asked": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://localhost:{server.server_port}", handler.asked
    finally:
        server.shutdown()
        server.server_close()


class Page:
    """A page in a headless Chromium."""

    def __init__(self, driver, session):
        self.base = f"{driver}/session/{session}"

    def open(self, address):
        send(f"{self.base}/url", {"url": address})

    def run(self, script, *arguments):
        """What a script returns."""
        return send(f"{self.base}/execute/sync", {"script": script, "args": list(arguments)})

    def wait_for(self, script, seconds=60):
        """What a script returns as soon as it is true."""
        end = time.monotonic() + seconds
        while not (found := self.run(script)):
            assert time.monotonic() < end, self.run("return document.body.innerText")
            time.sleep(0.1)
        return found

    def _element(self, selector):
        found = send(f"{self.base}/element", {"using": "css selector", "value": selector})
        return f"{self.base}/element/{found[ELEMENT]}"

    def type(self, selector, text):
        send(f"{self._element(selector)}/value", {"text": text})

    def click(self, selector):
        send(f"{self._element(selector)}/click", {})

    def messages(self):
        """What the browser wrote into its console, such as a violation of the content security policy."""
        return [entry["message"] for entry in send(f"{self.base}/se/log", {"type": "browser"})]


@contextmanager
def chromium():
    """A page of a new headless Chromium."""
    with tempfile.TemporaryDirectory() as profile:
        port = _free_port()
        driver = subprocess.Popen([shutil.which("chromedriver"), f"--port={port}"], stdout=subprocess.DEVNULL)
        address = f"http://localhost:{port}"
        try:
            options = {"args": [*FLAGS, *CAMERA, f"--user-data-dir={profile}"], "binary": shutil.which("chromium")}
            wanted = {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}
            found = _patiently(f"{address}/session", {"capabilities": {"alwaysMatch": wanted}})
            page = Page(address, found["sessionId"])
            yield page
            send(page.base, None, "DELETE")
        finally:
            driver.terminate()
            driver.wait(20)


def _free_port():
    with ThreadingHTTPServer(("127.0.0.1", 0), Quiet) as server:
        return server.server_port


def _patiently(address, content):
    for _ in range(100):
        try:
            return send(address, content)
        except ConnectionError:
            time.sleep(0.1)
        except urllib.error.URLError as error:
            if not isinstance(error.reason, ConnectionError):
                raise
            time.sleep(0.1)
    raise TimeoutError(address)


def send(address, content, method="POST"):
    """Send a command of WebDriver; its value."""
    data = None if content is None else json.dumps(content).encode()
    request = urllib.request.Request(address, data, {"Content-Type": "application/json"}, method=method)
    with urllib.request.urlopen(request, timeout=120) as answer:
        return json.load(answer)["value"]
