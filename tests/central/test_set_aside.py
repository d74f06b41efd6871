"""What the office sets aside holds nothing else up, and whatever is built on it is not lost."""

from collections.abc import Callable, Sequence
from typing import Any, NoReturn

import pytest
from sqlalchemy import select

from hah_central.database.rows import Change as Row
from hah_central.office import office
from hah_central.proof.verify import verify
from hah_desktop.domain.aside import Reason, reason_of
from hah_desktop.domain.changes import Spelled
from hah_desktop.domain.exchange import Verdict
from hah_desktop.domain.ids import visit_file
from hah_desktop.store.exchange import outbox
from hah_desktop.sync.asking import Laptop as Signed
from hah_desktop.sync.client import Office as Client
from hah_desktop.sync.errors import Refused
from hah_desktop.sync.foretold import Cursors
from tests.central.bureau import Bureau
from tests.central.conftest import Desk
from tests.central.laptop import Laptop, new_id, values, verdicts
from tests.central.syncing import Yard

Laptops = Callable[[str], Laptop]


def test_a_change_that_replaces_one_set_aside_stands_beside_what_that_one_saw(
    desk: Desk, laptop: Laptops
) -> None:
    ada, ben = laptop("Ada Example"), laptop("Ben Example")
    visit = new_id()
    first = ada.visit(visit, impression="Quiet.")
    ada.push(first)
    aside = ben.visit(visit, [first.id], impression="Not his to say yet.")
    built_on_it = ben.visit(visit, [aside.id], impression="Loud.")
    assert verdicts(ben.push(aside)) == [Verdict.SET_ASIDE]
    with desk.database.writing() as connection:
        office.assign(connection, ben.adviser, visit_file(visit), desk.clock())

    assert verdicts(ben.push(built_on_it)) == [Verdict.CONFLICT]
    # Nobody has seen what was set aside, so a person decides between what stands.
    assert values(ada.pull(visit)[1], visit, "impression") == {"Quiet.", "Loud."}


def test_what_is_set_aside_leaves_the_laptops_heads_and_the_rest_agrees(yard: Yard) -> None:
    ada, ben = yard.laptop("Ada Example"), yard.laptop("Ben Example")
    hers, his, later = new_id(), new_id(), new_id()
    ada.edit(hers, impression="Quiet.")
    ada.synced()
    ben.edit(his, impression="Loud.")
    ben.edit(hers, impression="Not his to say.")
    ben.edit(hers, impression="Nor this.")
    ben.edit(later, impression="Bright.")

    run = ben.synced().run

    assert (run.sent, run.agrees, ben.unsent()) == (4, True, 0)
    assert ben.says(his) == {"impression": "Loud."}
    assert ben.says(later) == {"impression": "Bright."}
    assert ben.says(hers) == {}
    assert ada.says(hers) == {"impression": "Quiet."}
    with ben.store.reading() as connection:
        aside = outbox.set_aside(connection)
    assert [each.content["fields"]["impression"]["value"] for each in aside] == [
        "Not his to say.",
        "Nor this.",
    ]
    assert all(reason_of(each.problem) is Reason.NOT_GIVEN for each in aside)


@pytest.mark.parametrize("times", [1, 2])
def test_a_laptop_with_something_set_aside_goes_on_syncing(yard: Yard, times: int) -> None:
    ada, ben = yard.laptop("Ada Example"), yard.laptop("Ben Example")
    hers, his = new_id(), new_id()
    ada.edit(hers, impression="Quiet.")
    ada.synced()
    ben.edit(hers, impression="Not his to say.")
    for number in range(times):
        ben.edit(his, impression=f"Loud, {number}.")
        assert ben.synced().run.agrees is True
    assert ben.says(his) == {"impression": f"Loud, {times - 1}."}


@pytest.mark.usefixtures("home")
def test_the_office_lists_what_was_set_aside_with_the_reason_and_what_to_do(
    yard: Yard, capsys: pytest.CaptureFixture[str]
) -> None:
    if not yard.desk.database.is_sqlite:
        pytest.skip("the same command, and one database is enough")
    bureau = Bureau(yard.desk, yard.folder, str(yard.desk.database.engine.url))
    assert bureau.run("set-aside") == 0
    assert capsys.readouterr().out == "Nothing is set aside.\n"
    ada, ben = yard.desk.laptop("Ada Example"), yard.desk.laptop("Ben Example")
    hers = ada.visit(new_id(), impression="Quiet.")
    ada.push(hers, ada.visit(new_id()))
    ben.push(ben.visit(hers.record, [hers.id], impression="Not his to say."))

    assert bureau.run("set-aside") == 0
    listed = capsys.readouterr().out
    assert f"visit {hers.record}  Laptop of the test of Ben Example" in listed
    assert "not readable  Laptop of the test of Ada Example" in listed
    for reason in (Reason.NOT_GIVEN, Reason.UNREADABLE):
        assert f"    {reason.value.what}" in listed
        assert f"    {reason.value.office}" in listed
    assert "Not his to say." not in listed
    assert bureau.run("set-aside", "--words") == 0
    assert "    impression: Not his to say." in capsys.readouterr().out


class Picky(Client):
    """Something on the way refuses whatever holds one word, as a filter may."""

    def pack(
        self,
        epoch: str,
        changes: Sequence[Spelled],
        behind: Cursors | None = None,
        knows: Cursors | None = None,
    ) -> Any:
        if any("swordfish" in change for change in changes):
            return Unread()
        return super().pack(epoch, changes, behind, knows)


class Unread:
    """A push that does not come so far as the office."""

    def begin(self) -> None:
        pass

    def answer(self) -> NoReturn:
        raise Refused("urn:hah:unreadable", "It cannot be read.", status=400)


def test_what_something_on_the_way_refuses_arrives_all_the_same_and_in_its_place(
    yard: Yard,
) -> None:
    ada = yard.laptop("Ada Example")
    ada.line = Picky(
        str(yard.desk.client.base_url), Signed(ada.name.enrolled.laptop, ada.name.key.sign)
    )
    visits = [new_id() for _ in range(7)]
    for number, visit in enumerate(visits):
        ada.edit(visit, impression="swordfish" if number in {2, 6} else "Quiet.")

    run = ada.synced().run

    assert (run.sent, run.agrees, ada.unsent()) == (7, True, 0)
    with yard.desk.database.reading() as connection:
        rows = connection.execute(
            select(Row.number, Row.record, Row.verdict)
            .where(Row.laptop == ada.name.enrolled.laptop)
            .order_by(Row.seq)
        ).all()
        assert verify(connection).faults == []
    assert rows == [(n, visit, Verdict.APPLIED) for n, visit in enumerate(visits, 1)]
