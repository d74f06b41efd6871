"""Lets the process die without a trace: no core file, and no report that quotes a record.

Called before anything else. It knows no record, no key and no window.
"""

import ctypes
import faulthandler
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from types import TracebackType

Tell = Callable[[], None]

_PR_SET_DUMPABLE = 4
# Windows: no box, no search for a debugger, and no report that holds the heap.
_NO_BOXES = 0x0001 | 0x0002 | 0x8000
_NO_HEAP_AND_NO_QUESTION = 0x0001 | 0x0020


def harden() -> None:
    """Forbid core dumps and crash reports of this process, as far as the system lets it."""
    faulthandler.disable()
    _no_core()
    _no_windows_report()


def _no_core() -> None:
    if sys.platform != "win32":
        import resource  # noqa: PLC0415 - Windows has none

        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        # A system that pipes cores into a program of its own ignores the limit, but not this.
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def _no_windows_report() -> None:
    if sys.platform == "win32":
        with suppress(OSError, AttributeError):
            ctypes.windll.kernel32.SetErrorMode(_NO_BOXES)
        with suppress(OSError, AttributeError):
            ctypes.windll.kernel32.WerSetFlags(_NO_HEAP_AND_NO_QUESTION)
        if getattr(sys, "frozen", False):
            # Only where the program has a name of its own: else it would hold for every Python.
            with suppress(OSError, AttributeError):
                name = ctypes.c_wchar_p(Path(sys.executable).name)
                ctypes.windll.wer.WerAddExcludedApplication(name, False)


def watch(tell: Tell) -> None:
    """From now on a bug in any thread is noted by its kind and place alone, and `tell` is called.

    A fault's own words may quote a record, so they stay out.
    """

    def seen(
        _kind: type[BaseException], fault: BaseException, _trace: TracebackType | None
    ) -> None:
        _report(fault, tell)

    def seen_in_thread(given: threading.ExceptHookArgs) -> None:
        if given.exc_value is not None:
            _report(given.exc_value, tell)

    def seen_in_passing(given: "sys.UnraisableHookArgs") -> None:
        if given.exc_value is not None:
            _report(given.exc_value, tell)

    sys.excepthook = seen
    threading.excepthook = seen_in_thread
    sys.unraisablehook = seen_in_passing


def _report(fault: BaseException, tell: Tell) -> None:
    # A program without a console has no standard error.
    if sys.stderr is not None:
        with suppress(OSError, ValueError):
            sys.stderr.write(places(fault))
    # The window may be gone already.
    with suppress(RuntimeError):
        tell()


def places(fault: BaseException) -> str:
    """Say of which kind a fault is and where it came from; none of its words."""
    parts = [
        "".join(traceback.format_tb(one.__traceback__)) + type(one).__name__ + "\n"
        for one in _chain(fault)
    ]
    return "\n".join(reversed(parts))


def _chain(fault: BaseException | None) -> Iterator[BaseException]:
    met: set[int] = set()
    while fault is not None and id(fault) not in met:
        met.add(id(fault))
        yield fault
        fault = fault.__cause__ or fault.__context__
