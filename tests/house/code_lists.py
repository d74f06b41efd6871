"""The code lists that come with the program."""

from hah_desktop.resources import resource

LISTS = tuple(sorted(path.stem for path in resource("codes").glob("*.csv")))
"""Their names."""
