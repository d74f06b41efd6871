"""Runs the desktop program: `python -m hah_desktop`."""

import sys

from hah_desktop import app


def main() -> None:
    """Start, and end with the program's exit status."""
    sys.exit(app.main(sys.argv[1:]))


if __name__ == "__main__":
    main()
