"""Who waits to write comes next, also beside somebody who writes again and again."""

import threading

from hah_desktop.store.disk.turns import Turns


def test_who_came_first_writes_first_though_another_wants_to_go_on() -> None:
    turns, wrote = Turns(), list[str]()
    writing, waiting = threading.Event(), threading.Event()

    def person() -> None:
        waiting.set()
        with turns.mine():
            wrote.append("person")

    def sync() -> None:
        with turns.mine():
            wrote.append("sync")
            writing.set()
            while not turns._waiting:
                waiting.wait()
        with turns.mine():
            wrote.append("sync")

    both = [threading.Thread(target=sync), threading.Thread(target=person)]
    both[0].start()
    assert writing.wait(120)
    both[1].start()
    for one in both:
        one.join(120)
    assert wrote == ["sync", "person", "sync"]


def test_a_writer_within_itself_waits_for_nobody() -> None:
    turns = Turns()
    with turns.mine(), turns.mine():
        pass
    with turns.mine():
        pass


def test_never_do_two_write_at_once() -> None:
    turns, inside, most = Turns(), list[int](), list[int]()

    def write() -> None:
        for _ in range(200):
            with turns.mine():
                inside.append(1)
                most.append(len(inside))
                inside.pop()

    many = [threading.Thread(target=write) for _ in range(4)]
    for one in many:
        one.start()
    for one in many:
        one.join(120)
    assert (len(most), max(most)) == (800, 1)
