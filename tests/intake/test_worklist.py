"""Which places are Inadequate now: by the latest full inspection, on the newest list."""

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from hah_desktop.domain.ids import RecordId
from hah_desktop.domain.records.reference import Inspection, Place
from hah_desktop.intake.worklist import by_type, latest_full, rated_inadequate

NEWEST = dt.date(2024, 3, 31)
FERN = Place(id=RecordId("fern"), urn="SC900001", place_type="CH", listed_on=NEWEST)
LARK = Place(id=RecordId("lark"), urn="9000003", place_type="STC", listed_on=NEWEST)


def _inspected(
    day: str, grade: str, event: str = "FULL", place: Place = FERN, *, removed: bool | None = None
) -> Inspection:
    return Inspection(
        id=RecordId(f"{place.id} {day} {event}"),
        place=place.id,
        inspection_type=event,
        inspected_on=dt.date.fromisoformat(day),
        grade=grade,
        removed=removed,
    )


def test_the_newest_full_inspection_is_the_latest() -> None:
    older, newer = _inspected("2023-02-07", "4"), _inspected("2024-01-29", "2")
    assert latest_full([newer, older]) == newer


def test_monitoring_interim_and_assurance_do_not_count() -> None:
    full = _inspected("2023-05-02", "4")
    others = [_inspected("2024-01-01", "2", event) for event in ("MON", "INT", "ASSU", "")]
    assert latest_full([full, *others]) == full


def test_a_place_without_a_full_inspection_has_no_latest() -> None:
    assert latest_full([_inspected("2024-01-01", "4", "MON")]) is None


def test_a_removed_inspection_does_not_count() -> None:
    kept = _inspected("2023-05-02", "2")
    assert latest_full([kept, _inspected("2024-01-01", "4", removed=True)]) == kept


def test_an_inspection_without_a_day_does_not_count() -> None:
    undated = Inspection(id=RecordId("x"), place=FERN.id, inspection_type="FULL", grade="4")
    assert latest_full([undated]) is None


def test_of_two_on_one_day_the_one_published_later_is_the_latest() -> None:
    day = dt.date(2024, 1, 1)
    first = Inspection(id=RecordId("1"), inspection_type="FULL", inspected_on=day)
    second = Inspection(
        id=RecordId("2"), inspection_type="FULL", inspected_on=day, published_on=NEWEST
    )
    assert latest_full([second, first]) == latest_full([first, second]) == second


def test_a_place_is_rated_inadequate_by_its_latest_full_inspection_alone() -> None:
    then, now = _inspected("2023-02-07", "4"), _inspected("2024-01-29", "2")
    assert rated_inadequate([FERN], [then, now], NEWEST) == []
    assert rated_inadequate([FERN], [then], NEWEST) == [(FERN, then)]


def test_a_good_monitoring_visit_does_not_lift_the_grade() -> None:
    full = _inspected("2023-05-02", "4")
    visits = [full, _inspected("2023-06-21", "2", "MON")]
    assert rated_inadequate([FERN], visits, NEWEST) == [(FERN, full)]


def test_a_place_no_longer_on_the_newest_list_is_left_out_unless_asked_for() -> None:
    gone = Place(id=RecordId("gone"), urn="SC900009", listed_on=dt.date(2023, 3, 31))
    full = _inspected("2023-02-07", "4", place=gone)
    assert rated_inadequate([gone], [full], NEWEST) == []
    assert rated_inadequate([gone], [full], NEWEST, with_unlisted=True) == [(gone, full)]
    assert rated_inadequate([gone], [full], None) == [(gone, full)]


def test_a_removed_place_is_left_out() -> None:
    removed = Place(id=FERN.id, urn=FERN.urn, listed_on=NEWEST, removed=True)
    assert rated_inadequate([removed], [_inspected("2024-01-29", "4")], NEWEST) == []


def test_a_place_without_inspections_is_not_rated() -> None:
    assert rated_inadequate([FERN], [], NEWEST) == []


def test_the_latest_inspected_stands_first() -> None:
    fern, lark = _inspected("2023-02-07", "4"), _inspected("2024-01-29", "4", place=LARK)
    found = rated_inadequate([FERN, LARK], [fern, lark], NEWEST)
    assert found == [(LARK, lark), (FERN, fern)]
    assert by_type(found) == {"STC": 1, "CH": 1}


GRADED = st.builds(
    _inspected,
    st.dates(dt.date(2020, 1, 1), dt.date(2024, 1, 1)).map(dt.date.isoformat),
    st.sampled_from("12345"),
    st.sampled_from(["FULL", "MON", "INT"]),
    st.sampled_from([FERN, LARK]),
)


@given(st.data(), st.lists(GRADED, unique_by=lambda inspection: inspection.id))
def test_the_order_of_the_records_does_not_matter(
    data: st.DataObject, inspections: list[Inspection]
) -> None:
    shuffled = data.draw(st.permutations(inspections))
    found = rated_inadequate([FERN, LARK], inspections, NEWEST)
    assert rated_inadequate([LARK, FERN], shuffled, NEWEST) == found
