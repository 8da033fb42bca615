"""Drives a headless Chromium through its debugging pipe: what it shows, says and asks for."""

import base64
import contextlib
import json
import os
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, NAMES)), None)
MISSING = "no Chromium on the PATH (Debian: apt-get install chromium)"

_LAUNCH = """\
import fcntl, os, sys
reads, writes = (fcntl.fcntl(int(one), fcntl.F_DUPFD, 10) for one in sys.argv[1:3])
os.dup2(reads, 3)
os.dup2(writes, 4)
os.execv(sys.argv[3], sys.argv[3:])
"""
"""Chromium reads what it is told from descriptor 3, and answers on 4."""

_FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
    "--disable-component-update", "--no-first-run", "--hide-scrollbars",
    "--disable-dev-shm-usage", "--remote-debugging-pipe",
)  # fmt: skip
_KEYS = {"Escape": 27, "Tab": 9, "ArrowDown": 40, "ArrowUp": 38, "Enter": 13}
_SECONDS = 60


class Page:
    """A page that is open in a browser.

    Attributes:
        said: what it wrote on the console, what was refused and what went wrong in it.
        asked: the addresses that it asked for, its own first.
    """

    def __init__(self, browser, session, target):
        self._browser, self._session, self._target = browser, session, target
        self.said, self.asked = [], []
        self._loaded, self._scripts = False, True

    def send(self, method, **params):
        return self._browser.send(method, self._session, **params)

    def open(self, path, fragment=""):
        """Load a file, and return when it has been shown once."""
        self.said.clear()
        self.asked.clear()
        self._loaded = False
        self.send("Page.navigate", url=f"{Path(path).as_uri()}{fragment}")
        until = time.monotonic() + _SECONDS
        while not self._loaded:
            assert time.monotonic() < until, "the page does not load"
            self.send("Page.getLayoutMetrics")  # what is told meanwhile is taken note of
        if self._scripts:
            self.painted()

    def painted(self):
        """Return when what was changed is shown."""
        self.evaluate("new Promise(done => requestAnimationFrame(() => setTimeout(done)))")

    def evaluate(self, script):
        """Return what a script gives, awaited, as JSON can hold it."""
        answer = self.send(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
        )
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def press(self, key):
        """Press a key and let it go."""
        code = _KEYS.get(key) or (ord(key.upper()) if key.isalnum() else 0)
        text = {} if key in _KEYS else {"text": key}
        given = {"key": key, "windowsVirtualKeyCode": code}
        self.send("Input.dispatchKeyEvent", type="keyDown", **given, **text)
        self.send("Input.dispatchKeyEvent", type="keyUp", **given)
        self.painted()

    def emulate(self, width=1280, height=900, *, dark=False, scripts=True):
        """Say what the page is shown on, before it is opened."""
        self.send(
            "Emulation.setDeviceMetricsOverride", width=width, height=height,
            deviceScaleFactor=1, mobile=False,
        )  # fmt: skip
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.send("Emulation.setEmulatedMedia", features=[scheme])
        self.send("Emulation.setScriptExecutionDisabled", value=not scripts)
        self._scripts = scripts

    def screenshot(self, path, *, whole=False):
        """Write what is seen as a PNG; the whole page where that is asked for."""
        data = self.send("Page.captureScreenshot", captureBeyondViewport=whole)["data"]
        Path(path).write_bytes(base64.b64decode(data))

    def pdf(self):
        """Return the page as it is printed."""
        return base64.b64decode(self.send("Page.printToPDF", printBackground=True)["data"])

    def cpu_seconds(self):
        """Return what the page has cost so far, where `Performance` counts ticks of its thread."""
        metrics = self.send("Performance.getMetrics")["metrics"]
        return {one["name"]: one["value"] for one in metrics}["TaskDuration"]

    def close(self):
        """Close the page: one that nobody looks at takes memory and time."""
        self._browser.send("Target.closeTarget", targetId=self._target)

    def take(self, event):
        """Note what the browser tells of this page."""
        params, method = event["params"], event["method"]
        if method == "Network.requestWillBeSent":
            self.asked.append(params["request"]["url"])
        elif method == "Page.loadEventFired":
            self._loaded = True
        elif method == "Runtime.consoleAPICalled":
            self.said.append(" ".join(str(one.get("value")) for one in params["args"]))
        elif method == "Runtime.exceptionThrown":
            self.said.append(params["exceptionDetails"]["text"])
        elif method == "Log.entryAdded":
            self.said.append(params["entry"]["text"])


class Browser:
    """A running Chromium."""

    def __init__(self, orders, answers):
        self._orders, self._answers = orders, answers
        self._number, self._rest, self._pages = 0, b"", {}

    def page(self):
        """Return a new empty page."""
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        page = self._pages[session] = Page(self, session, target)
        for room in ("Page", "Runtime", "Log", "Network"):
            page.send(f"{room}.enable")
        return page

    def send(self, method, session=None, **params):
        """Return the answer to an order; what is told meanwhile goes to the pages."""
        self._number += 1
        order = {"id": self._number, "method": method, "params": params}
        if session:
            order["sessionId"] = session
        os.write(self._orders, json.dumps(order).encode() + b"\0")
        until = time.monotonic() + _SECONDS
        while True:
            message = self._next(until)
            if message.get("id") == self._number:
                assert "error" not in message, message["error"]
                return message["result"]
            if "method" in message and message.get("sessionId") in self._pages:
                self._pages[message["sessionId"]].take(message)

    def _next(self, until):
        while b"\0" not in self._rest:
            left = max(0, until - time.monotonic())
            ready, _, _ = select.select([self._answers], [], [], left)
            read = os.read(self._answers, 1 << 20) if ready else b""
            assert read, "Chromium does not answer"
            self._rest += read
        message, self._rest = self._rest.split(b"\0", 1)
        return json.loads(message)


@contextlib.contextmanager
def browsing(folder):
    """Yield a browser whose profile is in a folder, and end it."""
    orders, answers = os.pipe(), os.pipe()
    command = [
        sys.executable, "-c", _LAUNCH, str(orders[0]), str(answers[1]),
        CHROMIUM, *_FLAGS, f"--user-data-dir={folder}",
    ]  # fmt: skip
    process = subprocess.Popen(
        command,
        pass_fds=(orders[0], answers[1]),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    os.close(orders[0])
    os.close(answers[1])
    try:
        browser = Browser(orders[1], answers[0])
        yield browser
        browser.send("Browser.close")
    finally:
        os.close(orders[1])
        os.close(answers[0])
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
