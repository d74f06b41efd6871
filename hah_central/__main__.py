"""Starts the central service's command line."""

import signal
import sys

# While all is loaded there is nothing to keep: whoever stops it then is told nothing.
signal.signal(signal.SIGINT, signal.SIG_DFL)

from hah_central import cli  # noqa: E402 - see above


def main() -> int:
    """Run one command, as `hah-central`."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    return cli.main()


if __name__ == "__main__":
    sys.exit(main())
