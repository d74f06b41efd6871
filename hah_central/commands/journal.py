"""The commands about all that came: whether it is in order, and what is in it."""

import argparse

from hah_central.attachments import contents
from hah_central.attachments.blobs import folder_beside
from hah_central.commands.common import database, deed, say
from hah_central.journal import awaited
from hah_central.proof import export, verify
from hah_desktop.domain.errors import KnownError
from hah_desktop.domain.records.attachment import Attachment


class NotInOrder(KnownError):
    """The journal, or what was made of it, is not as it was received."""


def check(options: argparse.Namespace) -> None:
    """Walk the journal and say whatever does not fit. Raises NotInOrder if anything does not."""
    with database(options) as opened:
        with opened.reading() as connection:
            found = verify.verify(connection)
            not_come = awaited.awaited(connection)
        folder = folder_beside(opened, options.bundles, options.attachments)
        count, altered = contents.faults(opened, folder)
    found.faults += altered
    for fault in found.faults:
        say(fault)
    if altered:
        say(
            "An attachment that is not here is sent again by a laptop that has it: take the file "
            "of one that was altered out of the folder, and start the service again."
        )
    for each in not_come:
        say(
            f"Not yet arrived: the content {each.sha256} of attachment {each.record}, of which the "
            f"laptop {each.laptop} wrote, received {each.since:%Y-%m-%d %H:%M} UTC."
        )
    say(
        f"Walked: {found.changes} changes in {found.batches} batches of {found.laptops} laptops, "
        f"{found.records} records. Read: {count} attachments in {folder}."
    )
    if found.unproved:
        say(
            f"{found.unproved} changes came before the office kept what laptops sign for: their "
            "chain and hash were checked, not their signature."
        )
    if found.faults:
        many = len(found.faults)
        raise NotInOrder(
            "One thing is not as it should be."
            if many == 1
            else f"{many} things are not as they should be.",
            "Nothing was changed.",
            "Stop the service, keep a copy of the database and of the attachments as they are, and "
            "look at the backups.",
        )
    say("Everything is as it was received.")


def write_out(options: argparse.Namespace) -> None:
    """Write all about a visit, a child or what every laptop has into a folder."""
    with database(options) as opened:
        found = export.export(opened, options.file, options.out, deed(options))
    say(
        f"Written to {options.out}: {len(found.records)} records of {found.name}, with "
        f"{len(found.history)} changes of their fields."
    )
    if attached := sum(record["kind"] == Attachment.kind for record in found.records):
        say(
            f"The contents of its attachments are not among it ({attached} records about such): "
            "they lie in the office’s folder of attachments, each under the hash that its record "
            "names."
        )
    say("It is readable for whoever has the folder. Take it where it belongs, then delete it.")
