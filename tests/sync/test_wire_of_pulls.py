"""What a laptop asks for, on the wire: what there is nothing of is not named."""

import json

from hah_desktop.domain.ids import FileId, RecordId
from hah_desktop.sync.wire.changes import write_pull

FILE, OTHER = FileId("visit:one"), FileId("visit:two")


def test_a_pull_names_each_file_and_how_far_it_was_read() -> None:
    plain = {"epoch": "first", "files": {FILE: 7, OTHER: 0}, "want": ["r1"]}
    assert json.loads(write_pull("first", {FILE: 7, OTHER: 0}, [RecordId("r1")])) == plain


def test_the_files_that_differ_are_named_where_there_are_any() -> None:
    plain = {"epoch": "first", "files": {FILE: 7}, "want": [], "differs": [FILE]}
    assert json.loads(write_pull("first", {FILE: 7}, [], [FILE])) == plain
