"""Rules of the house that no other tool checks, and that each such check can fail."""

import ast
import re
import sys
import tomllib
from pathlib import Path

import pytest

import dev
from tests.pieces import Piece

ROOT = dev.ROOT
FILES = dev.house_files()
PACKAGES = [file for file in FILES if file.parts[len(ROOT.parts)] in {"hah_desktop", "hah_central"}]
WORDS = {"", ".csv", ".json", ".md", ".py", ".qss", ".spec", ".toml", ".txt"}
TEXTS = [
    file
    for part in (".", "docs", "resources", ".ci", *dev.HOUSE)
    for file in (ROOT / part).glob("*" if part == "." else "**/*")
    # What an earlier run of the tests reached is no text of ours.
    if file.is_file() and file.suffix in WORDS and file.name != ".coverage"
]

# A folder of somebody's machine, where the project may not suppose that it lies.
MACHINE_PATH = re.compile(r"(?<![\w.~*/-])/(?:work|tmp|root|home|Users)/[\w.]|[A-Z]:\\Users")
BARE_NOQA = re.compile(r"#\snoqa(?!: [A-Z]+\d+(?:, ?[A-Z]+\d+)* - \S)")


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def found(pattern: re.Pattern[str], files: list[Path]) -> dict[str, list[str]]:
    texts = {name(file): file.read_text(encoding="utf-8") for file in files}
    return {file: hits for file, text in texts.items() if (hits := pattern.findall(text))}


def imported(path: Path) -> list[str]:
    found: list[str] = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found.append("." * node.level + (node.module or ""))
    return found


def locked(extra: str) -> set[str]:
    """Return the names of everything that installing this extra brings, from uv.lock."""
    lock = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))
    packages = {package["name"]: package for package in lock["package"]}
    ours = packages["help-at-hand"]
    waiting = [*ours.get("dependencies", []), *ours["optional-dependencies"][extra]]
    names: set[str] = set()
    while waiting:
        wanted = waiting.pop()
        if wanted["name"] in names:
            continue
        names.add(wanted["name"])
        package = packages[wanted["name"]]
        waiting += package.get("dependencies", [])
        for option in wanted.get("extra", []):
            waiting += package.get("optional-dependencies", {}).get(option, [])
    return names


def test_nothing_is_longer_than_one_can_keep_in_mind() -> None:
    assert [line for file in FILES for line in dev.sizes(file)] == []


def test_the_size_gate_names_what_is_too_long(tmp_path: Path) -> None:
    planted = tmp_path / "planted.py"
    lines = ["def long() -> None:", *["    pass"] * 60, "class Long:", *["    x = 1"] * 450]
    planted.write_text("\n".join(lines), encoding="utf-8")
    assert [line.removeprefix(f"{planted}:") for line in dev.sizes(planted)] == [
        "1: file planted.py has 512 lines, more than 500",
        "1: function long has 61 lines, more than 60",
        "62: class Long has 451 lines, more than 250",
    ]


def test_no_file_supposes_where_it_lies() -> None:
    assert found(MACHINE_PATH, TEXTS) == {}


@pytest.mark.parametrize("place", ["work/main", "root/.cache", "home/adviser", "Users/adviser"])
def test_a_planted_machine_path_is_seen(place: str) -> None:
    assert MACHINE_PATH.search(f'open("/{place}")')


def test_imports_say_the_whole_name() -> None:
    relative = [name(file) for file in FILES for module in imported(file) if module[:1] == "."]
    assert relative == []


def test_a_silenced_warning_says_why() -> None:
    assert found(BARE_NOQA, FILES) == {}


def test_a_package_does_nothing_by_being_imported() -> None:
    inits = [file for file in PACKAGES if file.name == "__init__.py"]
    assert [name(file) for file in inits if file.read_text(encoding="utf-8").strip()] == []


def test_every_folder_of_a_package_is_a_package() -> None:
    folders = {file.parent for file in PACKAGES}
    assert [name(folder) for folder in folders if not (folder / "__init__.py").is_file()] == []


def test_the_domain_needs_nothing_but_python_and_in_one_place_a_quicker_hand() -> None:
    domain = list((ROOT / "hah_desktop" / "domain").rglob("*.py"))
    needs = {file.name: {m.split(".")[0] for m in imported(file)} for file in domain}
    assert needs.pop("spelling.py") - sys.stdlib_module_names == {"hah_desktop", "msgspec"}
    assert set().union(*needs.values()) - sys.stdlib_module_names == {"hah_desktop"}


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_a_command_that_a_page_names_exists(page: str) -> None:
    words = (ROOT / page).read_text(encoding="utf-8")
    assert set(re.findall(r"dev\.py ([a-z]+)", words)) <= set(dev.COMMANDS)


def test_every_command_is_explained_to_those_who_join() -> None:
    words = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert set(re.findall(r"dev\.py ([a-z]+)", words)) == set(dev.COMMANDS)


def test_what_must_be_covered_in_full_exists() -> None:
    assert [part for part in dev.PERFECT if not (ROOT / part).exists()] == []


def test_a_piece_of_the_tests_keeps_its_files_in_the_folder_it_is_given() -> None:
    own = Path("there")
    piece = Piece("house", 1, ("tests/house",))
    assert f"--basetemp={own / 'files'}" in piece.command(own)
    assert piece.environment(own)["TMPDIR"] == str(own)


def test_the_office_needs_no_qt() -> None:
    central = locked("central")
    assert "starlette" in central
    assert [package for package in central if package.startswith(("pyside", "shiboken"))] == []


def test_the_desktop_brings_no_server() -> None:
    desktop = locked("desktop")
    assert "pyside6-essentials" in desktop
    assert desktop & {"starlette", "uvicorn", "psycopg"} == set()


@pytest.mark.parametrize("name", ["sqlcipher.BSD-3.txt", "openssl.Apache-2.0.txt"])
def test_the_notices_that_the_wheel_of_the_database_leaves_out_travel_with_ours(name: str) -> None:
    notice = (ROOT / "resources" / "licences" / name).read_text(encoding="utf-8")
    assert "Copyright" in notice
    assert "WITHOUT WARRANTIES" in notice or "DISCLAIMED" in notice


def test_every_reason_to_set_a_change_aside_has_its_next_step() -> None:
    """Only the list of reasons makes one: whatever mypy lets through as a `Why` has a step."""
    makes = re.compile(r"(?<![\w.])Why\(")
    assert list(found(makes, PACKAGES)) == ["hah_desktop/domain/aside.py"]
    assert makes.findall('problem = Why("Because.")')
