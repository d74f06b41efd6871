"""What the processes that are cut and killed need: nothing of the office, nothing of pytest."""

import datetime as dt

from hah_desktop.store.tables.meta import Identity

PASSPHRASE = "violet kettle orbit marsh"
RUTH = Identity("11" * 32, laptop="laptop-one", adviser="ruth", adviser_name="Ruth Aldous")


def real_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def raw_key() -> bytearray:
    return bytearray(b"x'" + b"5a" * 32 + b"c3" * 16 + b"'")
