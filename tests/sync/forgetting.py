"""An office of which a backup was put back unnoticed, and those who have what it forgot."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from tests.sync.laptops import Laptop, Laptops
from tests.sync.office import MemoryOffice

KEPT, LOST = "visit-kept", "visit-lost"


def pair(laptops: Laptops) -> tuple[MemoryOffice, Laptop, Laptop]:
    """An office with two laptops, one of which writes what the other holds."""
    office = MemoryOffice()
    return office, laptops.make(office), laptops.make(office, "laptop-two")


@contextmanager
def forgets(office: MemoryOffice) -> Iterator[None]:
    """The office forgets what comes to it meanwhile. It does not know that, nor does anybody."""
    backup = office.backup()
    yield
    office.journal = backup


def forgets_the_last_edit(
    office: MemoryOffice, record: str, author: Laptop, holder: Laptop, others: Sequence[Laptop] = ()
) -> None:
    """The office has the first edit of a record, as the others do; its holder has the last too."""
    author.edit(record, met_by="the manager")
    author.sync()
    for other in others:
        other.sync()
    with forgets(office):
        author.edit(record, met_by="the deputy")
        author.sync()
        holder.sync()


def goes_on(laptops: Laptops, office: MemoryOffice) -> None:
    """Somebody who noticed nothing writes something else."""
    third = laptops.make(office, "laptop-three")
    third.edit("visit-new", met_by="somebody")
    third.sync()


def lost(laptops: Laptops) -> tuple[MemoryOffice, Laptop, Laptop]:
    """An office that lost what one laptop wrote and another holds. The first has not come back."""
    office, author, holder = pair(laptops)
    author.edit(KEPT, met_by="the manager")
    author.sync()
    holder.sync()
    with forgets(office):
        author.edit(KEPT, met_by="the deputy", impression="Loud")
        author.edit(LOST, met_by="nobody")
        author.sync()
        holder.edit(KEPT, children_present=3)
        holder.sync()
    return office, author, holder


def said_again(office: MemoryOffice) -> dict[str, dict[str, object]]:
    """What the office was told of the lost changes, by record and field."""
    found: dict[str, dict[str, object]] = {}
    for item in office.witnessed.values():
        found.setdefault(item.record, {}).update(item.fields)
    return found


ALL_THAT_WAS_LOST = {
    KEPT: {"met_by": "the deputy", "impression": "Loud"},
    LOST: {"met_by": "nobody"},
}
