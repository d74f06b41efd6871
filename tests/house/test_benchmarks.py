"""The benchmarks run, and say what they measured in a form that programs can read."""

import json
from contextlib import redirect_stdout
from io import StringIO
from typing import Any

import pytest

from benchmarks.__main__ import main


@pytest.fixture(scope="module")
def report() -> dict[str, Any]:
    """A quick run of what needs neither windows nor PostgreSQL."""
    with redirect_stdout(StringIO()) as written:
        assert main(["store", "attachment", "unlock", "import", "--quick", "--json"]) == 0
    found: dict[str, Any] = json.loads(written.getvalue())
    return found


def test_a_run_says_on_what_machine_it_was(report: dict[str, Any]) -> None:
    assert {"processor", "cores", "python", "cipher"} <= report["machine"].keys()
    assert report["quick"] is True


def test_every_ratio_names_what_it_is_compared_to(report: dict[str, Any]) -> None:
    assert [line for line in report["lines"] if not (line["against"] and line["ratio"] > 0)] == []


def test_every_figure_was_measured_more_than_once(report: dict[str, Any]) -> None:
    assert {len(line["ours"]["rounds"]) for line in report["lines"]} == {2}


def test_the_encrypted_store_is_compared_to_the_same_library_without_a_key(
    report: dict[str, Any],
) -> None:
    done = {line["what"] for line in report["lines"] if "without a key" in line["against"]}
    assert {"save one record", "take in a list, from the file to the disk"} <= done


def test_what_is_required_stands_beside_what_was_measured(report: dict[str, Any]) -> None:
    required = {line["what"]: line["most"] for line in report["lines"] if line["most"]}
    required |= {fact["what"]: fact["most"] for fact in report["facts"] if fact["most"]}
    assert required["save one record"] == 1.1
    assert required["keep a file, on the disk"] == 1.6
    assert required["unlock: time beyond deriving the key"] == 0.15


def test_an_encrypted_file_is_hardly_larger(report: dict[str, Any]) -> None:
    sizes = [fact for fact in report["facts"] if fact["what"].startswith("size of")]
    assert len(sizes) == 3
    assert [fact for fact in sizes if fact["value"] > fact["most"]] == []


def test_a_part_that_does_not_exist_is_refused() -> None:
    with pytest.raises(SystemExit):
        main(["everything"])
