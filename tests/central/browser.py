"""A real browser, driven over two pipes: no driver, no port and no dependency."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

PROGRAMS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "chrome")
_END = b"\x00"


def program() -> str | None:
    """Where a browser is that speaks Chrome's protocol."""
    return next((found for name in PROGRAMS if (found := shutil.which(name))), None)


class Browser:
    """One page of one browser."""

    def __init__(self, asked: BinaryIO, told: BinaryIO) -> None:
        self._asked = asked
        self._told = told
        self._number = 0
        self._session: str | None = None
        target = self.do("Target.createTarget", url="about:blank")["targetId"]
        attached = self.do("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Accessibility", "Log"):
            self.do(f"{domain}.enable")
        self.complaints: list[str] = []

    def do(self, method: str, **params: Any) -> dict[str, Any]:
        """Ask for one thing, and wait until it is done."""
        self._number += 1
        asked = {"id": self._number, "method": method, "params": params}
        if self._session:
            asked["sessionId"] = self._session
        self._asked.write(json.dumps(asked).encode() + _END)
        self._asked.flush()
        while True:
            told = self._next()
            if told.get("id") == self._number:
                assert "error" not in told, told
                result: dict[str, Any] = told["result"]
                return result

    def load(self, url: str) -> None:
        """Go to a page and wait until it is there."""
        self.complaints = []
        self.do("Page.navigate", url=url)
        self.until("Page.loadEventFired")

    def until(self, event: str) -> None:
        """Wait for something that happens."""
        while self._next().get("method") != event:
            pass

    def ask(self, script: str) -> Any:
        """What a line of script says about the page. The page itself has none."""
        return self.do("Runtime.evaluate", expression=script, returnByValue=True)["result"].get(
            "value"
        )

    def width(self, pixels: int) -> None:
        """Make the window so wide."""
        self.do(
            "Emulation.setDeviceMetricsOverride",
            width=pixels,
            height=800,
            deviceScaleFactor=1,
            mobile=False,
        )

    def nodes(self) -> list[tuple[str, str]]:
        """Role and name of everything that a screen reader is told."""
        found = self.do("Accessibility.getFullAXTree")["nodes"]
        return [
            (node["role"]["value"], node.get("name", {}).get("value", ""))
            for node in found
            if not node["ignored"]
        ]

    def _next(self) -> dict[str, Any]:
        read = bytearray()
        while (byte := self._told.read(1)) != _END:
            assert byte, "the browser ended"
            read += byte
        told: dict[str, Any] = json.loads(read)
        if told.get("method") == "Log.entryAdded":
            self.complaints.append(told["params"]["entry"]["text"])
        return told


@contextmanager
def browser(path: str, home: Path) -> Iterator[Browser]:
    """Start a browser with a home of its own, and end it."""
    to_it, asked = os.pipe()
    told, from_it = os.pipe()
    words = f"exec {path} --headless=new --no-sandbox --disable-gpu --remote-debugging-pipe"
    words += f" --disable-dev-shm-usage --user-data-dir={home} 3<&{to_it} 4>&{from_it}"
    process = subprocess.Popen(
        ["/bin/bash", "-c", words], pass_fds=(to_it, from_it), stderr=subprocess.DEVNULL
    )
    os.close(to_it)
    os.close(from_it)
    with os.fdopen(asked, "wb") as writing, os.fdopen(told, "rb") as reading:
        try:
            yield Browser(writing, reading)
        finally:
            process.terminate()
            process.wait()
