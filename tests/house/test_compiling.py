"""Databases of one kind share what was compiled; those of two libraries do not."""

from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from hah_central.database.database import Database, in_folder
from hah_desktop.store.disk.engine import open_engine
from tests.store.hand import raw_key


def refused(engine: Engine) -> None:
    with pytest.raises(OperationalError), engine.connect() as connection:
        connection.exec_driver_sql("SELECT nothing FROM nowhere")


def test_each_library_names_its_faults_as_ever(tmp_path: Path) -> None:
    with closing(Database(in_folder(tmp_path / "one"))) as one:
        laptop = open_engine(tmp_path / "records.db", raw_key)
        refused(laptop)
        with closing(Database(in_folder(tmp_path / "two"))) as two:
            assert two.engine.dialect is one.engine.dialect
            again = open_engine(tmp_path / "records.db", raw_key)
            assert again.dialect is laptop.dialect is not two.engine.dialect
            for engine in (one.engine, two.engine, again):
                refused(engine)
            laptop.dispose()
            again.dispose()
