"""The demonstration: with a screen the program with an invented caseload, without one a play."""

import argparse
import os
import sys
from pathlib import Path


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="dev.py demo", description="Shows the main job with invented people and places."
    )
    parser.add_argument(
        "--headless",
        action="store_true",
        help="play the journey without a screen and leave PDFs, pictures and journey.json",
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("demo"),
        metavar="FOLDER",
        help="where the journey leaves what it made (default: %(default)s)",
    )
    parser.add_argument(
        "--screenshots",
        type=Path,
        metavar="FOLDER",
        help="make the pictures of the documentation anew, and nothing else",
    )
    return parser.parse_args()


def main() -> int:
    """Show or play. Returns 0 when all went as it should."""
    said = _arguments()
    if said.headless or said.screenshots:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from PySide6.QtWidgets import QApplication  # noqa: PLC0415 - after the platform is chosen

    from tests.journey.demonstration import demonstrate  # noqa: PLC0415 - as above
    from tests.journey.pictures import take  # noqa: PLC0415 - as above
    from tests.journey.play import Journey  # noqa: PLC0415 - as above

    app = QApplication(["Help at Hand"])
    if said.screenshots:
        return take(app, said.screenshots.resolve(), _tell)
    if not said.headless:
        return demonstrate(app, _tell)
    result = Journey(app, said.out.resolve(), _tell).play()
    _tell(f"Both laptops agree: {result['laptops_agree']}. Look into {said.out}.")
    return 0


def _tell(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
