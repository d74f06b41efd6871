"""An office of which a backup was put back unnoticed, and those who have what it forgot."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from tests.sync.laptops import Laptop, Laptops
from tests.sync.office import MemoryOffice


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
