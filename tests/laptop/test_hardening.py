"""The process dies without a trace: no core file, and no report that quotes a record."""

import subprocess
import sys
from pathlib import Path

import pytest

from hah_desktop.laptop.hardening import places

PLANTED = "Kai M. is afraid of the night staff"
PATTERN = Path("/proc/sys/kernel/core_pattern")

needs_cores_beside_the_program = pytest.mark.skipif(
    not PATTERN.exists() or PATTERN.read_text(encoding="utf-8").lstrip().startswith(("|", "/")),
    reason="this system does not write cores into the folder of the program",
)

DIES = """
import ctypes, os, resource, signal
soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
{harden}
os.kill(os.getpid(), signal.SIGSEGV)
"""
HARDEN = "from hah_desktop.laptop.hardening import harden; harden()"
# Undone as a careless later call might: then only the mark on the process is left.
LIMIT_ALONE = HARDEN + "\nimport ctypes; ctypes.CDLL(None).prctl(4, 1, 0, 0, 0)"


def run(program: str, folder: Path) -> subprocess.CompletedProcess[str]:
    root = Path(__file__).parents[2]
    return subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(root)!r})\n{program}"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@needs_cores_beside_the_program
def test_a_crash_leaves_no_core_file(tmp_path: Path) -> None:
    died = run(DIES.format(harden=HARDEN), tmp_path)
    assert died.returncode == -11
    assert not list(tmp_path.iterdir())


@needs_cores_beside_the_program
def test_the_limit_alone_already_forbids_the_core_file(tmp_path: Path) -> None:
    died = run(DIES.format(harden=LIMIT_ALONE), tmp_path)
    assert died.returncode == -11
    assert not list(tmp_path.iterdir())


@needs_cores_beside_the_program
def test_without_hardening_the_same_crash_leaves_a_core_file(tmp_path: Path) -> None:
    import resource  # noqa: PLC0415 - Windows has none

    if resource.getrlimit(resource.RLIMIT_CORE)[1] == 0:
        pytest.skip("this machine allows nobody a core file")
    died = run(DIES.format(harden=""), tmp_path)
    assert died.returncode == -11
    assert list(tmp_path.iterdir())


WATCH = f"""
import sys, threading
from hah_desktop.laptop.hardening import watch
watch(lambda: print("told"))
def fail(words):
    try:
        raise KeyError(words)
    except KeyError as fault:
        raise ValueError(f"cannot read {{words}}") from fault
words = {PLANTED[::-1]!r}[::-1]
"""


def test_a_bug_is_noted_by_its_kind_and_place_alone(tmp_path: Path) -> None:
    ended = run(WATCH + "fail(words)\n", tmp_path)
    assert "ValueError" in ended.stderr
    assert "KeyError" in ended.stderr
    assert "in fail" in ended.stderr
    assert PLANTED not in ended.stderr + ended.stdout
    assert ended.stdout == "told\n"


def test_a_bug_in_another_thread_is_noted_just_so(tmp_path: Path) -> None:
    program = "t = threading.Thread(target=fail, args=(words,)); t.start(); t.join()\n"
    ended = run(WATCH + program, tmp_path)
    assert "ValueError" in ended.stderr
    assert PLANTED not in ended.stderr + ended.stdout
    assert ended.stdout == "told\n"


def test_a_bug_while_something_dies_is_noted_just_so(tmp_path: Path) -> None:
    program = "class Dies:\n    def __del__(self): fail(words)\nDies()\n"
    ended = run(WATCH + program, tmp_path)
    assert "ValueError" in ended.stderr
    assert PLANTED not in ended.stderr + ended.stdout


def test_without_the_watch_the_same_bug_quotes_the_record(tmp_path: Path) -> None:
    ended = run(WATCH + "sys.excepthook = sys.__excepthook__\nfail(words)\n", tmp_path)
    assert PLANTED in ended.stderr


def test_a_program_without_a_console_does_not_stumble_over_its_own_report(tmp_path: Path) -> None:
    ended = run(WATCH + "sys.stderr = None\nfail(words)\n", tmp_path)
    assert ended.stdout == "told\n"


def test_faults_that_name_each_other_in_a_circle_are_each_named_once() -> None:
    first, second = ValueError(PLANTED), KeyError(PLANTED)
    first.__cause__, second.__cause__ = second, first
    assert places(first).split() == ["KeyError", "ValueError"]
