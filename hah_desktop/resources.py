"""Reads the files that come with the program, and the code lists among them; it writes nothing."""

import csv
import datetime as dt
from collections.abc import Mapping
from pathlib import Path

from hah_desktop.domain.codes import Code, CodeList

FOLDER = Path(__file__).resolve().parent.parent / "resources"
"""Beside the package: in the checkout, when installed, and in the built program."""

COLUMNS = ("code", "label", "note", "valid_from", "valid_to", "verified")
_VERIFIED = {"yes": True, "no": False}


def resource(*parts: str) -> Path:
    """Return the path of a packaged file or folder, such as `resource("fonts")`.

    Raises FileNotFoundError when the program was put together without it.
    """
    path = FOLDER.joinpath(*parts)
    if not path.exists():
        raise FileNotFoundError(f"The program lacks its own file resources/{'/'.join(parts)}")
    return path


def code_list(name: str) -> CodeList:
    """Read one code list, its codes in the order in which people are to see them.

    Raises FileNotFoundError for a list that does not exist, and ValueError, naming file and line,
    for one that is not well formed.
    """
    path = resource("codes", f"{name}.csv")
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, strict=True)
        if tuple(rows.fieldnames or ()) != COLUMNS:
            raise ValueError(f"{path.name}: the columns must be {', '.join(COLUMNS)}")
        codes = tuple(_code(row, f"{path.name}, line {rows.line_num}") for row in rows)
    return CodeList(name, codes)


def _code(row: Mapping[str, str | None], where: str) -> Code:
    values = [row[column] for column in COLUMNS]
    code, label, note, valid_from, valid_to, verified = values
    if code is None or label is None or note is None or verified not in _VERIFIED or None in row:
        raise ValueError(f"{where}: a code has {len(COLUMNS)} values, the last one yes or no")
    return Code(
        code=code,
        label=label,
        note=note,
        valid_from=_day(valid_from, where),
        valid_to=_day(valid_to, where),
        verified=_VERIFIED[verified],
    )


def _day(text: str | None, where: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError as error:
        raise ValueError(f"{where}: {text} is not a date like 2024-08-01") from error
