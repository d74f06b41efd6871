"""Joplin with its end-to-end encryption, as a peer: notes to files, and to a second profile.

It has no service of its own that could be installed here, so no slow line lies between. Each
command is a process; what its start takes is measured beside it and left out.
"""

import json
import statistics
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from hah_desktop.domain.codec import to_body
from hah_desktop.domain.records.child import Statement

NAME = "Joplin, encrypted, to files"
MAIN = Path("node_modules/joplin/main.js")

_SECRET = "an invented passphrase"  # noqa: S105 - of nothing but this measurement
_STARTS = 3
_MOST_SECONDS = 1200


@dataclass(frozen=True)
class _Profile:
    """One person's Joplin: its settings and its own database."""

    node: str
    main: Path
    place: Path

    def says(self, *words: str) -> float:
        """Run one command; returns how many seconds it took, its start included."""
        begun = perf_counter()
        command = [self.node, str(self.main), "--profile", str(self.place), *words]
        # It would wait for ever for somebody to answer, if it asked anything.
        subprocess.run(  # noqa: S603 - our own words
            command,
            check=True,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_MOST_SECONDS,
        )
        return perf_counter() - begun

    def says_all(self, *commands: str) -> None:
        """Run several commands in one process."""
        listed = self.place.with_suffix(".txt")
        listed.write_text("\n".join(commands), encoding="utf-8")
        self.says("batch", str(listed))

    def starts_in(self) -> float:
        """How many seconds a command takes that does nothing."""
        return statistics.median(self.says("version") for _ in range(_STARTS))


def measure(
    node: str, main: Path, folder: Path, records: Sequence[Statement], day: int
) -> dict[str, float]:
    """Notes from one profile to a folder, and from there to another. Seconds by what was done."""
    notes, target = folder / "notes", folder / "target"
    notes.mkdir(parents=True)
    target.mkdir()
    for number, record in enumerate(records):
        text = json.dumps(to_body(record))
        (notes / f"n{number}.md").write_text(text, encoding="utf-8")
    first, second = (_Profile(node, main, folder / name) for name in ("first", "second"))
    setting = ["config sync.target 2", f"config sync.2.path {target}"]
    first.says_all(*setting, f"e2ee enable -p '{_SECRET}'", f"import --format md {notes}")
    second.says_all(*setting)
    start = first.starts_in()
    took = {"push": first.says("sync") - start, "pull": second.says("sync") - start}
    second.says("config", "encryption.masterPassword", _SECRET)
    took["pull"] += second.says("e2ee", "decrypt") - start
    took["nothing"] = second.says("sync") - start
    edits = [f"set n{number} body 'The key worker was there too.'" for number in range(day)]
    first.says_all("use notes", *edits)
    took["pushDay"] = first.says("sync") - start
    took["pullDay"] = second.says("sync") + second.says("e2ee", "decrypt") - 2 * start
    return took
