"""How a command speaks and how it ends, whatever happens: in plain English, never with a trace."""

import argparse
import codecs
import io
import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from hah_desktop.domain.errors import KnownError

FAILED = 1
STOPPED = 130
NOBODY_READS = 141
"""What a shell says of a program that a signal ended: the last two are SIGINT and SIGPIPE."""

CONTROLS = {each: f"\\x{each:02x}" for each in (*range(32), *range(127, 160)) if chr(each) != "\n"}
"""A laptop's words are shown as they are, and do nothing to the terminal of who reads them."""

_KEPT = "What was finished is kept, and nothing is half done in the office’s database."

_PLAIN = str.maketrans("“”‘’–—\u00a0", "\"\"''-- ") | {ord("…"): "..."}
_ERRORS = "hah-plain"


class NotReadable(KnownError):
    """What was typed is in no encoding that can be read."""


@dataclass(slots=True)
class Ended:
    """How a command ended: the status of the process."""

    status: int = 0


@contextmanager
def plainly() -> Iterator[Ended]:
    """Run a command in this: whatever ends it is said in plain English, and is its status."""
    _speak_in_any_encoding()
    ended = Ended()
    try:
        yield ended
    except KnownError as fault:
        ended.status = _failed(str(fault))
    except KeyboardInterrupt:
        ended.status = STOPPED
        _failed(f"This was stopped. {_KEPT} The command “log” says what that is.")
    except BrokenPipeError:
        ended.status = NOBODY_READS
    except Exception as fault:  # noqa: BLE001 - the one place where every bug ends
        ended.status = _failed(_bug(fault))
    finally:
        _last_words()


def check_readable(options: argparse.Namespace) -> None:
    """Whether all that was typed, but the names of files, is text. Raises NotReadable."""
    for value in vars(options).values():
        for word in value if isinstance(value, list) else [value]:
            if isinstance(word, str) and not word.isascii():
                with suppress(UnicodeEncodeError):
                    word.encode()
                    continue
                raise NotReadable(
                    "One of the words that were typed is in no encoding that can be read.",
                    "Nothing was changed.",
                    "Type it again, in a terminal that speaks UTF-8.",
                )


def _failed(words: str) -> int:
    with suppress(OSError):
        sys.stderr.write(f"{words.translate(CONTROLS)}\n")
        sys.stderr.flush()
    return FAILED


def _bug(fault: Exception) -> str:
    # Where and what kind: its own words may quote a record.
    places = [
        f"{Path(frame.filename).name}:{frame.lineno}"
        for frame in traceback.extract_tb(fault.__traceback__)
    ]
    return (
        f"The program itself has a fault ({type(fault).__name__} at {', '.join(places[-6:])}). "
        f"{_KEPT} Tell whoever looks after the program, with these words."
    )


def _speak_in_any_encoding() -> None:
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # Where nobody hears, as under a supervisor that closed it, a service runs all the same.
            with suppress(OSError):
                stream.reconfigure(errors=_ERRORS)


def _in_its_place(fault: UnicodeError) -> tuple[str, int]:
    """What stands for letters that the terminal has not: the plain sign, or the letter's number."""
    if not isinstance(fault, UnicodeEncodeError):
        raise fault
    letters = fault.object[fault.start : fault.end]
    plain = letters.translate(_PLAIN)
    return plain.encode("ascii", "backslashreplace").decode("ascii"), fault.end


codecs.register_error(_ERRORS, _in_its_place)


def _last_words() -> None:
    """Let nothing be said once the process ends, where nobody reads on or there is no room."""
    try:
        sys.stdout.flush()
    except OSError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
