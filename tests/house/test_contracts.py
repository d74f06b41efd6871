"""Who may import whom: the tree keeps every contract, and every contract can be broken."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINT_IMPORTS = Path(sys.executable).with_name("lint-imports")
PACKAGES = ("hah_desktop", "hah_central")
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
CONTRACTS = {
    contract["id"]: contract for contract in PYPROJECT["tool"]["importlinter"]["contracts"]
}


@dataclass(frozen=True)
class Planted:
    """A new module called `planted` in a package, and what it must not import from there."""

    contract: str
    package: str
    imports: str

    def __str__(self) -> str:
        return f"{self.contract}: {self.package} imports {self.imports}"


VIOLATIONS = (
    Planted("layers", "hah_desktop.domain", "hah_desktop.vault.keys"),
    Planted("layers", "hah_desktop.vault", "hah_desktop.store.tables.rows"),
    Planted("layers", "hah_desktop.store", "hah_desktop.ui.kit.look"),
    Planted("layers", "hah_desktop.ui", "hah_desktop.app"),
    Planted("central", "hah_central", "hah_desktop.store.tables.rows"),
    Planted("central", "hah_central", "hah_desktop.vault.keys"),
    Planted("central", "hah_central", "hah_desktop.app"),
    Planted("office", "hah_central.database", "hah_central.people.naming"),
    Planted("office", "hah_central.journal", "hah_central.service.app"),
    Planted("office", "hah_central.attachments", "hah_central.office.backups"),
    Planted("store", "hah_desktop.store.tables", "hah_desktop.store.journal.saving"),
    Planted("store", "hah_desktop.store.journal", "hah_desktop.store.exchange.outbox"),
    Planted("store", "hah_desktop.store.disk", "hah_desktop.store.journal.saving"),
    Planted("store", "hah_desktop.store", "hah_desktop.store.errors"),
    Planted("desktop", "hah_desktop.sync", "hah_central"),
    Planted("pure", "hah_desktop.domain", "pathlib"),
    Planted("pure", "hah_desktop.domain.records", "time"),
    Planted("paper", "hah_desktop.documents", "hah_desktop.vault.keys"),
    Planted("paper", "hah_desktop.intake", "hah_desktop.sync.wire.form"),
    Planted("qt", "hah_desktop.store", "PySide6.QtCore"),
    Planted("qt", "hah_central", "PySide6.QtCore"),
    Planted("sql", "hah_desktop.ui", "sqlalchemy"),
    Planted("sql", "hah_desktop.vault", "sqlite3"),
    Planted("sql", "hah_desktop.store.journal", "alembic"),
    Planted("sql", "hah_central.journal", "sqlite3"),
    Planted("cipher", "hah_desktop.store.exchange", "sqlcipher3.dbapi2"),
    Planted("cipher", "hah_desktop.vault", "sqlcipher3.dbapi2"),
    Planted("cipher", "hah_central", "sqlcipher3.dbapi2"),
    Planted("pdf", "hah_desktop.ui", "pypdfium2"),
    Planted("pdf", "hah_desktop.store", "reportlab.pdfgen.canvas"),
    Planted("network", "hah_desktop.ui", "httpx"),
    Planted("spelling", "hah_central", "msgspec"),
    Planted("network", "hah_desktop.intake", "urllib.request"),
    Planted("packing", "hah_central", "backports.zstd"),
    Planted("packing", "hah_desktop.sync", "compression.zstd"),
    Planted("keys", "hah_desktop.store", "cryptography.fernet"),
    Planted("keys", "hah_desktop.sync", "cryptography.fernet"),
    Planted("keys", "hah_central.journal", "cryptography.fernet"),
    Planted("server", "hah_desktop.sync", "starlette.applications"),
    Planted("server", "hah_desktop.store", "psycopg"),
    Planted("server", "hah_central.journal", "starlette.applications"),
    Planted("screens", "hah_desktop.ui.screens", "hah_desktop.ui.screens.neighbour"),
    Planted("records", "hah_desktop.domain.records", "hah_desktop.domain.records.visit"),
    Planted("cycles", "hah_desktop.store", "hah_desktop.store.neighbour"),
    Planted("cycles", "hah_central.journal", "hah_central.journal.neighbour"),
)


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy the packages and their contracts to a place where a violation harms nobody."""
    copy = tmp_path_factory.mktemp("tree")
    shutil.copy(ROOT / "pyproject.toml", copy)
    for package in PACKAGES:
        shutil.copytree(ROOT / package, copy / package, ignore=shutil.ignore_patterns("*.pyc"))
    return copy


@pytest.fixture
def planted(tree: Path, request: pytest.FixtureRequest) -> Iterator[Planted]:
    """Put the violation into the copy, and take it out again.

    `neighbour` imports the planted module back, so that two make a circle.
    """
    violation: Planted = request.param
    folder = tree.joinpath(*violation.package.split("."))
    modules = {
        folder / "planted.py": f"import {violation.imports}\n",
        folder / "neighbour.py": f"import {violation.package}.planted\n",
    }
    for path, text in modules.items():
        path.write_text(text, encoding="utf-8")
    yield violation
    for path in modules:
        path.unlink()


def lint_imports(tree: Path, *arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        [LINT_IMPORTS, "--no-logo", *arguments],
        cwd=tree,
        capture_output=True,
        encoding="utf-8",
        # Wide enough that no line of the report is folded.
        env=os.environ | {"PYTHONPATH": str(tree), "COLUMNS": "300", "PYTHONUTF8": "1"},
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_the_tree_keeps_every_contract(tree: Path) -> None:
    code, report = lint_imports(tree)
    assert code == 0, report
    assert f"Contracts: {len(CONTRACTS)} kept, 0 broken." in report


@pytest.mark.parametrize("planted", VIOLATIONS, ids=str, indirect=True)
def test_a_planted_violation_breaks_its_contract(tree: Path, planted: Planted) -> None:
    code, report = lint_imports(tree, "--contract", planted.contract)
    assert code == 1, report
    assert f"{CONTRACTS[planted.contract]['name']} BROKEN" in report
    assert ".planted" in report


def test_every_contract_is_broken_once_by_a_planted_violation() -> None:
    assert {violation.contract for violation in VIOLATIONS} == set(CONTRACTS)


def test_every_module_of_the_desktop_has_a_layer() -> None:
    listed = re.findall(r"[\w.]+", " ".join(CONTRACTS["layers"]["layers"]))
    desktop = ROOT / "hah_desktop"
    parts = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path in (*desktop.glob("*"), *desktop.glob("sync/*"))
        if (path.suffix == ".py" and path.stem != "__init__") or (path / "__init__.py").is_file()
    }
    assert parts - {"hah_desktop.sync"} == set(listed)
