"""The line between a laptop and the office cuts after the very byte that it is told."""

import selectors
import socket
from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.killed.line import Call, Cut, Line, Way

ANSWER = b"0123456789"


@pytest.fixture
def office() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening


@pytest.fixture
def line(office: socket.socket) -> Iterator[Line]:
    selector = selectors.DefaultSelector()
    with selector, closing(Line(selector, office.getsockname()[1])) as made:
        yield made


def calling(line: Line) -> socket.socket:
    return socket.create_connection(("127.0.0.1", int(line.url.rsplit(":", 1)[1])))


def step(line: Line) -> None:
    """Let the line do what is next."""
    for key, mask in line.selector.select():
        if isinstance(key.data, Call):
            key.data.go_on(key.fileobj, mask)  # type: ignore[arg-type]  # a socket
        else:
            line.accept()


def everything(end: socket.socket) -> bytes:
    with closing(end), end.makefile("rb") as heard:
        return heard.read()


def test_both_ways_everything_passes_on_a_line_that_nothing_cuts(
    line: Line, office: socket.socket
) -> None:
    line.open()
    laptop = calling(line)
    step(line)
    there, _ = office.accept()
    laptop.sendall(b"question")
    step(line)
    assert there.recv(100) == b"question"
    there.sendall(ANSWER)
    there.close()
    while line.calls:
        step(line)
    assert everything(laptop) == ANSWER


@pytest.mark.parametrize("after", [1, 5, 9])
def test_no_byte_passes_behind_a_cut(line: Line, office: socket.socket, after: int) -> None:
    line.open()
    laptop = calling(line)
    step(line)
    there, _ = office.accept()
    line.cuts.append(Cut(Way.TO_LAPTOP, after, lambda call: call.drop()))
    with closing(there):
        there.sendall(ANSWER)
        while line.calls:
            step(line)
        assert everything(laptop) == ANSWER[:after]


def test_a_cut_is_for_one_way_only_and_counts_over_several_pieces(line: Line) -> None:
    line.cuts.append(Cut(Way.TO_OFFICE, 7, lambda call: call.drop()))
    assert line.cut_in(Way.TO_LAPTOP, 100) is None
    assert line.cut_in(Way.TO_OFFICE, 5) is None
    found = line.cut_in(Way.TO_OFFICE, 5)
    assert found is not None
    assert found.after == 2
    assert line.cuts == []


def test_whoever_calls_while_the_office_is_down_waits_until_it_is_there(
    line: Line, office: socket.socket
) -> None:
    with closing(calling(line)) as laptop:
        step(line)
        laptop.sendall(b"question")
        line.open()
        step(line)
        there, _ = office.accept()
        with closing(there):
            assert there.recv(100) == b"question"
