"""The list of places: what is on it, how it is searched, and what it asks the window for."""

import dataclasses as dc
import datetime as dt

import pytest
from PySide6.QtCore import QAbstractItemModel, Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from hah_desktop.domain.ids import RecordId
from hah_desktop.domain.records.reference import Inspection, Place
from hah_desktop.domain.records.visit import Visit
from hah_desktop.store.store import Store
from hah_desktop.ui.kit.buttons import LinkButton
from hah_desktop.ui.kit.theme import apply
from hah_desktop.ui.kit.tokens import ThemeName
from hah_desktop.ui.parts.place_rows import INADEQUATE_NOW, Wanted, chosen, place_list
from hah_desktop.ui.parts.place_table import Column
from hah_desktop.ui.screens.places import PlacesPage
from hah_desktop.ui.session import Session
from tests.ui.kit.hands import click, press, type_words
from tests.ui.screens.made import SIZES, Show, findings

SPRING = dt.date(2026, 3, 31)
HOME = Place(
    id=RecordId("fern"),
    urn="SC900001",
    name="Fern House",
    place_type="CH",
    local_authority="Larkshire",
    region="South West",
    organisation="Hollow Oak Care Limited",
    listed_on=SPRING,
)
NAMELESS = Place(
    id=RecordId("nameless"),
    urn="2900002",
    place_type="CH",
    address_withheld=True,
    local_authority="Nether Poldon",
    region="London",
    organisation="Brackenmoor Homes",
    listed_on=SPRING,
)
SCHOOL = Place(
    id=RecordId("school"),
    urn="900003",
    name="Zoë Tarn School",
    place_type="RSS",
    local_authority="Larkshire",
    region="South West",
    listed_on=SPRING,
)
CLOSED = Place(
    id=RecordId("closed"),
    urn="SC900004",
    name="Old Mill",
    place_type="CH",
    listed_on=dt.date(2024, 3, 31),
)
PLACES = (HOME, NAMELESS, SCHOOL, CLOSED)


def inspected(place: Place, year: int, grade: str, kind: str = "FULL") -> Inspection:
    return Inspection(
        id=RecordId(f"{place.id}-{year}-{kind}"),
        place=place.id,
        inspection_type=kind,
        inspected_on=dt.date(year, 2, 1),
        grade=grade,
    )


INSPECTIONS = (
    inspected(HOME, 2024, "2"),
    inspected(HOME, 2025, "4"),
    inspected(NAMELESS, 2026, "4"),
    inspected(SCHOOL, 2025, "1"),
    inspected(SCHOOL, 2026, "4", "MON"),
    inspected(CLOSED, 2023, "4"),
)


ROWS = place_list(PLACES, INSPECTIONS).rows


@pytest.fixture
def page(store: Store, session: Session, show: Show, qtbot: QtBot) -> PlacesPage:
    store.add(*PLACES, *INSPECTIONS)
    made = PlacesPage(session)
    show(made)
    qtbot.waitUntil(lambda: made.model.rowCount() > 0)
    return made


def names(page: PlacesPage) -> list[str]:
    return cells(page.model, Column.NAME)


def cells(model: QAbstractItemModel, column: Column) -> list[str]:
    return [str(model.index(row, column).data()) for row in range(model.rowCount())]


def open_buttons(page: PlacesPage) -> list[LinkButton]:
    return [button for button in page.glance.findChildren(LinkButton) if button.isVisible()]


def test_places_on_the_newest_list_are_shown_by_name_and_nameless_ones_last(
    page: PlacesPage,
) -> None:
    withheld = "Brackenmoor Homes · name withheld"
    assert names(page) == ["Fern House", "Zoë Tarn School", withheld]


def test_the_grade_is_that_of_the_latest_full_inspection(page: PlacesPage) -> None:
    assert cells(page.model, Column.GRADE) == ["Inadequate", "Outstanding", "Inadequate"]


def test_a_place_that_is_no_longer_listed_is_shown_only_when_asked_for(page: PlacesPage) -> None:
    page.filters.unlisted.click()
    assert "Old Mill" in names(page)


def test_typing_finds_by_name_without_accents(page: PlacesPage) -> None:
    type_words(page.filters.search, "zoe")
    assert names(page) == ["Zoë Tarn School"]


@pytest.mark.parametrize("words", ["2900002", "nether", "brackenmoor pold"])
def test_typing_finds_by_number_authority_and_owner(page: PlacesPage, words: str) -> None:
    type_words(page.filters.search, words)
    assert cells(page.model, Column.URN) == ["2900002"]


def test_the_worklist_begins_with_the_latest_inspected(page: PlacesPage) -> None:
    page.filters.grade.set_value(INADEQUATE_NOW)
    page.filters.changed.emit()
    assert cells(page.model, Column.URN) == ["2900002", "SC900001"]


def test_the_summary_counts_by_type_of_place(page: PlacesPage) -> None:
    said = page.filters.summary.text()
    assert said == "3 places · Children’s home 2 · Residential special school 1"


def test_a_region_and_an_authority_may_be_chosen(page: PlacesPage) -> None:
    page.filters.where.set_value("region:London")
    assert chosen(ROWS, page.filters.wanted())[0].place == NAMELESS
    page.filters.where.set_value("authority:Larkshire")
    assert len(chosen(ROWS, page.filters.wanted())) == 2


def test_when_nothing_fits_one_button_shows_everything_again(page: PlacesPage) -> None:
    type_words(page.filters.search, "xyzzy")
    assert page.no_match.isVisible()
    assert not page.visit_button.isEnabled()
    click(page.no_match.button)
    assert len(names(page)) == 3


def test_the_chosen_place_is_shown_with_its_inspections(page: PlacesPage, qtbot: QtBot) -> None:
    press(page.table, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: page.glance.heading.text() == "Zoë Tarn School")


def test_a_visit_is_asked_for_at_the_chosen_place(page: PlacesPage, qtbot: QtBot) -> None:
    with qtbot.waitSignal(page.visit_requested) as asked:
        click(page.visit_button)
    assert asked.args == [HOME.id]


def test_a_visit_to_the_place_can_be_opened_from_the_side(
    page: PlacesPage, session: Session, store: Store, qtbot: QtBot
) -> None:
    visit = Visit(id=store.new_id(), place=HOME.id, planned_for=SPRING, status="planned")
    store.add(visit)
    session.changed.emit(frozenset({visit.id}))
    qtbot.waitUntil(lambda: bool(open_buttons(page)))
    with qtbot.waitSignal(page.visit_opened) as asked:
        open_buttons(page)[0].click()
    assert asked.args == [visit.id]


def test_a_place_stays_chosen_when_the_list_is_read_again(
    page: PlacesPage, session: Session, store: Store, qtbot: QtBot
) -> None:
    page.table.choose_row(1)
    store.add(dc.replace(CLOSED, id=RecordId("new"), name="Aaron Lodge", listed_on=SPRING))
    session.changed.emit(frozenset())
    qtbot.waitUntil(lambda: page.model.rowCount() == 4)
    assert page.table.currentIndex().row() == 2
    assert page.table.currentIndex().siblingAtColumn(Column.NAME).data() == "Zoë Tarn School"


def test_down_leads_from_the_search_box_into_the_list(page: PlacesPage) -> None:
    page.filters.search.setFocus()
    press(page.filters.search, Qt.Key.Key_Down)
    assert page.table.hasFocus()


def test_a_row_is_read_out_whole(page: PlacesPage) -> None:
    spoken = page.model.index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == (
        "URN SC900001, Fern House, Children’s home, Larkshire, 1 February 2025, Inadequate"
    )


def test_the_model_keeps_qts_rules(page: PlacesPage) -> None:
    tester = QAbstractItemModelTester(
        page.model, QAbstractItemModelTester.FailureReportingMode.Fatal
    )
    page.filters.search.set_value("fern")
    page.filters.changed.emit()
    assert tester.model() is page.model


def test_without_places_the_page_says_how_to_get_some(
    session: Session, show: Show, qtbot: QtBot
) -> None:
    page = PlacesPage(session)
    show(page)
    qtbot.waitUntil(page.none.isVisible)
    with qtbot.waitSignal(page.import_requested):
        click(page.none.button)


@pytest.mark.parametrize(("width", "height", "scale"), SIZES)
@pytest.mark.parametrize("theme", [ThemeName.LIGHT, ThemeName.HIGH_CONTRAST])
def test_nothing_is_clipped_or_nameless(
    page: PlacesPage, qapp: QApplication, theme: ThemeName, width: int, height: int, scale: float
) -> None:
    apply(qapp, theme, scale)
    page.window().resize(width, height)
    for _ in range(5):
        qapp.processEvents()
    assert findings(page.window()) == []


def test_a_removed_inspection_gives_no_grade() -> None:
    gone = dc.replace(inspected(HOME, 2026, "1"), removed=True)
    (row,) = place_list([HOME], [gone, inspected(HOME, 2025, "3")]).rows
    assert row.grade == "3"


def test_five_thousand_places_are_filtered_while_typing() -> None:
    many = [dc.replace(HOME, id=RecordId(str(n)), urn=str(n)) for n in range(5000)]
    rows = place_list(many, []).rows
    assert [row.place.urn for row in chosen(rows, Wanted(words="4321 fern"))] == ["4321"]
