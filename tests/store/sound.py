"""What must hold of every store at every moment, whatever happened before."""

import hashlib
import json

from sqlalchemy import select

from hah_desktop.store.journal import reading
from hah_desktop.store.store import Store
from hah_desktop.store.tables import meta
from hah_desktop.store.tables.many import spelled
from hah_desktop.store.tables.rows import CHANGE, RECORD, SEARCH


def faults(store: Store) -> list[str]:
    """What is wrong: a body unlike its journal, a broken chain, a record that is not searched."""
    with store.reading() as connection:
        records = connection.execute(select(RECORD.c.id, RECORD.c.rid, RECORD.c.body)).all()
        wrong = [
            f"{row.id} is not what its journal says"
            for row in records
            if row.body != spelled(reading.replayed(connection, row.id))
        ]
        searched = set(connection.execute(select(SEARCH.c.rowid)).scalars())
        wrong += [f"{row.id} is not searched" for row in records if row.rid not in searched]
        mine = select(CHANGE.c.number, CHANGE.c.hash, CHANGE.c.content)
        chain = connection.execute(mine.where(CHANGE.c.number.is_not(None)).order_by("number"))
        number, previous = 0, ""
        for link in chain:
            content = json.loads(link.content)
            whole = (link.number, content["number"], content["previous"]) == (
                number + 1,
                number + 1,
                previous,
            )
            if not whole or link.hash != hashlib.sha256(link.content.encode()).hexdigest():
                wrong.append(f"the chain is broken at {link.number}")
            number, previous = link.number, link.hash
        end = meta.chain_end(connection)
        if (end.number, end.hash) != (number, previous):
            wrong.append("the end of the chain is elsewhere")
        for check in ("cipher_integrity_check", "integrity_check"):
            found = connection.exec_driver_sql(f"PRAGMA {check}").scalars()
            wrong += [str(line) for line in found if line != "ok"]
        return wrong
