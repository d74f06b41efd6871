"""Starts the central service's command line."""

import sys

from hah_central.cli import main

if __name__ == "__main__":
    sys.exit(main())
