"""The office takes in what came by a colleague's hand, by the command that a person types."""

import pytest
from sqlalchemy import select

from hah_central.database.rows import Laptop as LaptopRow
from tests.central.bureau import Bureau, changes
from tests.central.laptop import new_id
from tests.central.syncing import Yard
from tests.central.test_by_hand import Laptops, Shared, give, long_stick, signed


@pytest.mark.usefixtures("home")
def test_the_command_says_what_can_be_taken_and_takes_it(
    yard: Yard, laptop: Laptops, capsys: pytest.CaptureFixture[str]
) -> None:
    if not yard.desk.database.is_sqlite:
        pytest.skip("the same command, and one database is enough")
    shared = Shared(yard.desk, laptop)
    theirs = shared.ben.visit(new_id(), impression="Ben’s.")
    shared.ben.push(theirs)
    not_hers = shared.ada.visit(theirs.record, [theirs.id], impression="Not hers.")
    give(shared.ben, signed(shared.ada, changes(shared.quiet, not_hers)))
    bureau = Bureau(yard.desk, yard.folder, str(yard.desk.database.engine.url))
    assert bureau.run("recovered") == 0
    assert capsys.readouterr().out.count("--take takes it in") == 2
    assert bureau.run("recovered", "--take", shared.quiet.id, "--who", "Grace") == 0
    told = capsys.readouterr().out
    assert "1 changes are in force now" in told
    assert "1 were set aside" in told
    for hand in long_stick(shared, shared.other, shared.loud):
        give(shared.ben, hand)
    assert bureau.run("recovered", "--take", shared.loud.id, "--who", "Grace") == 0
    assert "2 changes of 2 parts of a long stick are in force now" in capsys.readouterr().out
    with yard.desk.database.reading() as connection:
        asked = select(LaptopRow.last_number).where(LaptopRow.id == shared.ada.enrolled.laptop)
        assert connection.execute(asked).scalar_one() == 1
