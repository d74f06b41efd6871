"""Nothing in Qt's own settings: no folder that a file dialog has seen, and nothing of ours."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from hah_desktop.ui import traces

ROOT = Path(__file__).parents[3]
DIALOG = """
import sys
from PySide6.QtWidgets import QApplication, QFileDialog
import shiboken6
app = QApplication(["t"])
{prepare}
dialog = QFileDialog(None, "Save")
dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
dialog.setDirectory(sys.argv[1])
dialog.selectFile("summary.pdf")
dialog.open()
{watch}
app.processEvents()
dialog.accept()
shiboken6.delete(dialog)
app.processEvents()
"""
IMPORT = "from hah_desktop.ui import traces\n"


def written(tmp_path: Path, prepare: str, watch: str = "") -> list[Path]:
    """Every file that a run with a file dialog leaves, with the folder's name in it."""
    home, chosen = tmp_path / "home", tmp_path / "Larkspur House"
    home.mkdir()
    chosen.mkdir()
    places = {
        name: str(home / name)
        for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME")
    }
    subprocess.run(
        [sys.executable, "-c", DIALOG.format(prepare=prepare, watch=watch), str(chosen)],
        check=True,
        timeout=60,
        cwd=ROOT,
        env={**os.environ, **places, "HOME": str(home), "QT_QPA_PLATFORM": "offscreen"},
    )
    files = [path for path in home.rglob("*") if path.is_file()]
    return [path for path in files if b"Larkspur" in path.read_bytes()]


linux = pytest.mark.skipif(
    sys.platform in {"win32", "darwin"}, reason="Qt's settings are no file of ours there"
)


@linux
def test_a_file_dialog_notes_no_folder(tmp_path: Path) -> None:
    assert written(tmp_path, IMPORT + "traces.leave_none()") == []


@linux
def test_without_it_qt_notes_the_folder(tmp_path: Path) -> None:
    assert written(tmp_path, "") != []


@linux
def test_where_the_place_is_fixed_the_folder_is_removed_again(tmp_path: Path) -> None:
    assert written(tmp_path, IMPORT, "traces.watch_dialog(dialog)") == []


def test_nothing_else_uses_qts_settings() -> None:
    own = Path(traces.__file__)
    users = [
        path
        for path in sorted((ROOT / "hah_desktop").rglob("*.py"))
        if "QSettings" in path.read_text(encoding="utf-8")
    ]
    assert users == [own]
