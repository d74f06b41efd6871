"""No command makes an office to say that all is well in it, but the ones that begin one."""

from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect

from hah_central import cli

FOR_AN_OFFICE = ("restored", "backup-made", "verify", "laptops", "set-aside", "log", "enrol Ada")


@pytest.mark.parametrize("command", FOR_AN_OFFICE)
def test_no_command_makes_an_office_to_say_that_all_is_well_in_it(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    nowhere = tmp_path / "nowhere"
    assert cli.main([*command.split(), "--data", str(nowhere)]) == 1
    assert f"There is no office in the folder {nowhere}." in capsys.readouterr().err
    assert not nowhere.exists()


@pytest.mark.postgres
def test_an_empty_database_of_postgresql_is_no_office(
    postgres_database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["restored", "--database", postgres_database]) == 1
    assert "There is no office at that address." in capsys.readouterr().err
    engine = create_engine(postgres_database)
    assert inspect(engine).get_table_names() == []
    engine.dispose()
