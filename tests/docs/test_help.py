"""The help says what the program does: its keys, its words on the screen, and no other address."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from hah_desktop.resources import FOLDER
from hah_desktop.ui.help.parts import PARTS, contents, markdown, sections

ROOT = Path(__file__).parents[2]


def links() -> Iterator[str]:
    for part in PARTS:
        yield from re.findall(r"\]\(([^)]*)\)", markdown(part))


def words_of_the_program() -> str:
    """Every text in the program’s own source, as it is put together, and in the code lists."""
    texts = [path.read_text(encoding="utf-8") for path in FOLDER.joinpath("codes").glob("*.csv")]
    for path in ROOT.joinpath("hah_desktop").rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        constants = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))
        texts += [value for value in constants if isinstance(value, str)]
    return "\n".join(texts)


def test_every_file_of_the_help_is_a_part_that_is_listed() -> None:
    assert {path.stem for path in FOLDER.joinpath("help").iterdir()} == set(PARTS)
    assert len(set(PARTS)) == len(PARTS)


def test_every_link_leads_to_a_part_and_none_out_of_the_program() -> None:
    assert set(links()) <= set(PARTS)
    assert not [part for part in PARTS if "http" in markdown(part) or "![" in markdown(part)]


def test_every_part_begins_with_its_one_title_and_no_heading_is_there_twice() -> None:
    for part in PARTS:
        first, *others = sections(part)
        assert markdown(part).startswith(f"# {first.title}\n")
        assert all(one.place.heading for one in others)
        assert len({one.place for one in others}) == len(others)


def test_every_section_says_something() -> None:
    assert [one.place for one in contents() if not one.words] == []


def test_words_that_are_quoted_from_the_screen_stand_in_the_program() -> None:
    said = words_of_the_program()
    quoted = {words for part in PARTS for words in re.findall("“([^”]+)”", markdown(part))}
    assert sorted(words for words in quoted if words not in said) == []


def test_what_is_sought_may_be_any_words_of_a_section_in_any_case() -> None:
    [found] = [one for one in contents() if one.has("groups FIFTEEN")]
    assert found is not None
    assert found.place.part == "forgotten"
    assert "`" not in found.words
    assert "](" not in found.words
