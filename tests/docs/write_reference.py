"""Writes the pages of docs/reference anew: `python -m tests.docs.write_reference`."""

from pathlib import Path

from hah_desktop.domain.records.catalogue import RECORD_TYPES
from hah_desktop.domain.reference import page

RECORDS_PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "records.md"


def main() -> None:
    """Write every page."""
    RECORDS_PAGE.parent.mkdir(parents=True, exist_ok=True)
    RECORDS_PAGE.write_text(page(RECORD_TYPES), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
