"""The whole main job, through the real windows, against a real office."""

import json
from pathlib import Path

from PySide6.QtWidgets import QApplication

from hah_desktop.documents.pages import all_words
from tests.journey.on_site import KAI_SAID, KAI_WANTS, PRIVATE
from tests.journey.play import Journey


def test_a_visit_goes_from_planning_to_two_laptops_that_agree(
    qapp: QApplication, tmp_path: Path
) -> None:
    told: list[str] = []
    result = Journey(qapp, tmp_path, told.append).play()
    assert result["laptops_agree"] is True
    assert json.loads((tmp_path / "journey.json").read_text(encoding="utf-8")) == result
    assert all(laptop["only_here"] == 0 for laptop in result["laptops"].values())
    for_office = _plain((tmp_path / "summary-for-the-office.pdf").read_bytes())
    for_place = _plain((tmp_path / "summary-for-the-place.pdf").read_bytes())
    assert all(words in for_office for words in (KAI_SAID, KAI_WANTS, PRIVATE, "Kai M."))
    assert KAI_WANTS in for_place
    assert not [words for words in (KAI_SAID, PRIVATE, "Kai") if words in for_place]


def _plain(pdf: bytes) -> str:
    return " ".join(all_words(pdf).split())
