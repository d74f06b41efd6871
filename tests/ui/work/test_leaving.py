"""The person leaves: sleep, a locked screen, another session. Heard from an invented system."""

import os
import select
import shutil
import struct
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from PySide6.QtCore import ClassInfo, Property, QObject, Slot
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from hah_desktop.ui.leaving import (
    MSG_BYTES,
    WM_POWERBROADCAST,
    WM_WTSSESSION_CHANGE,
    says_leaving,
)
from tests.ui.work.at_window import User

needs_a_bus = pytest.mark.skipif(
    sys.platform != "linux" or shutil.which("dbus-daemon") is None,
    reason="needs Linux with dbus-daemon",
)

if sys.platform == "linux":
    from PySide6.QtDBus import (
        QDBusAbstractAdaptor,
        QDBusConnection,
        QDBusMessage,
        QDBusObjectPath,
        QDBusUnixFileDescriptor,
    )

    from hah_desktop.ui.logind import LinuxLeaving

LOGIN = "org.freedesktop.login1"
LOGIN_PATH = "/org/freedesktop/login1"
SESSION_PATH = "/org/freedesktop/login1/session/_31"


@ClassInfo({"D-Bus Interface": "org.freedesktop.login1.Manager"})  # type: ignore[call-arg]  # Qt's types know another form
class Manager(QDBusAbstractAdaptor):  # type: ignore[operator]  # as above
    """The part of logind that is asked."""

    def __init__(self, system: "System") -> None:
        super().__init__(system)
        self._system = system

    @Slot(str, result=QDBusObjectPath)
    def GetSession(self, which: str) -> QDBusObjectPath:  # noqa: N802 - logind's name
        assert which == "auto"
        return QDBusObjectPath(SESSION_PATH)

    @Slot(str, str, str, str, result=QDBusUnixFileDescriptor)
    def Inhibit(  # noqa: N802 - logind's name
        self, what: str, who: str, why: str, mode: str
    ) -> QDBusUnixFileDescriptor:
        read, write = os.pipe()
        self._system.asked.append((what, who, why, mode))
        self._system.held = read
        given = QDBusUnixFileDescriptor(write)
        os.close(write)
        return given


@ClassInfo({"D-Bus Interface": "org.freedesktop.login1.Session"})  # type: ignore[call-arg]  # as above
class Seat(QDBusAbstractAdaptor):  # type: ignore[operator]  # as above
    """The session in which the program runs."""

    def __init__(self, system: "System") -> None:
        super().__init__(system.seat)
        self._system = system

    def _active(self) -> bool:
        self._system.looked += 1
        return self._system.active

    Active = Property(bool, _active)


class System(QObject):
    """An invented logind."""

    def __init__(self, bus: "QDBusConnection") -> None:
        super().__init__()
        self._bus = bus
        self.active = True
        self.looked = 0
        self.asked: list[tuple[str, str, str, str]] = []
        self.held = -1
        self.seat = QObject()
        self._manager, self._session = Manager(self), Seat(self)
        assert bus.registerService(LOGIN)
        assert bus.registerObject(LOGIN_PATH, self)
        assert bus.registerObject(SESSION_PATH, self.seat)

    def tell(self, path: str, interface: str, name: str, *given: object) -> None:
        signal = QDBusMessage.createSignal(path, interface, name)
        signal.setArguments(list(given))
        assert self._bus.send(signal)

    def sleep(self, begins: object = True) -> None:  # noqa: FBT002 - logind's own signal
        self.tell(LOGIN_PATH, f"{LOGIN}.Manager", "PrepareForSleep", begins)

    def switch(self, *, active: bool) -> None:
        self.active = active
        self.tell(SESSION_PATH, "org.freedesktop.DBus.Properties", "PropertiesChanged", "x")

    def sleep_may_go_on(self) -> bool:
        """Whether nobody holds the other end any more."""
        ready, _, _ = select.select([self.held], [], [], 0)
        return bool(ready)


@dataclass
class Bus:
    """A bus of our own, as the system has it and as the program has it."""

    system: System
    far: "QDBusConnection"
    near: "QDBusConnection"


@pytest.fixture
def bus(qapp: QApplication) -> Iterator[Bus]:
    assert qapp is not None
    command = ["dbus-daemon", "--session", "--print-address", "--nofork", "--nopidfile"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as daemon:
        try:
            assert daemon.stdout is not None
            address = daemon.stdout.readline().strip()
            far = QDBusConnection.connectToBus(address, "far")
            near = QDBusConnection.connectToBus(address, "near")
            assert far.isConnected()
            assert near.isConnected()
            yield Bus(System(far), far, near)
        finally:
            for name in ("far", "near"):
                QDBusConnection.disconnectFromBus(name)
            daemon.terminate()


@pytest.fixture
def leaving(bus: Bus, qtbot: QtBot) -> "LinuxLeaving":
    made = LinuxLeaving(bus.near, bus.near)
    qtbot.waitUntil(lambda: bool(made.session_path))
    return made


@needs_a_bus
def test_it_is_heard_that_the_laptop_is_about_to_sleep(
    bus: Bus, leaving: "LinuxLeaving", qtbot: QtBot
) -> None:
    with qtbot.waitSignal(leaving.left):
        bus.system.sleep()


@needs_a_bus
@pytest.mark.parametrize("given", [False, "true", 1], ids=["woken", "words", "number"])
def test_waking_and_nonsense_are_no_leaving(
    bus: Bus, leaving: "LinuxLeaving", qtbot: QtBot, given: object
) -> None:
    told: list[None] = []
    leaving.left.connect(lambda: told.append(None))
    bus.system.sleep(given)
    with qtbot.waitSignal(leaving.left):
        bus.system.sleep()
    qtbot.waitUntil(lambda: bool(told))
    assert len(told) == 1


@needs_a_bus
def test_it_is_heard_that_the_session_is_to_lock(
    bus: Bus, leaving: "LinuxLeaving", qtbot: QtBot
) -> None:
    with qtbot.waitSignal(leaving.left):
        bus.system.tell(SESSION_PATH, f"{LOGIN}.Session", "Lock")


@needs_a_bus
def test_it_is_heard_that_another_session_is_in_front(
    bus: Bus, leaving: "LinuxLeaving", qtbot: QtBot
) -> None:
    with qtbot.waitSignal(leaving.left):
        bus.system.switch(active=False)
    assert not leaving.unanswered


@needs_a_bus
def test_another_change_of_the_session_is_no_leaving(
    bus: Bus, leaving: "LinuxLeaving", qtbot: QtBot
) -> None:
    with qtbot.assertNotEmitted(leaving.left):
        bus.system.switch(active=True)
        qtbot.waitUntil(lambda: bus.system.looked > 0 and not leaving.unanswered)


@needs_a_bus
@pytest.mark.parametrize(
    ("service", "path", "interface"),
    [
        (
            "org.freedesktop.ScreenSaver",
            "/org/freedesktop/ScreenSaver",
            "org.freedesktop.ScreenSaver",
        ),
        ("org.gnome.ScreenSaver", "/org/gnome/ScreenSaver", "org.gnome.ScreenSaver"),
    ],
    ids=["freedesktop", "GNOME"],
)
def test_it_is_heard_that_the_screen_is_locked(
    bus: Bus, leaving: "LinuxLeaving", qtbot: QtBot, service: str, path: str, interface: str
) -> None:
    assert bus.far.registerService(service)
    with qtbot.waitSignal(leaving.left):
        bus.system.tell(path, interface, "ActiveChanged", True)


@needs_a_bus
def test_somebody_else_on_the_bus_is_not_believed(
    bus: Bus, leaving: "LinuxLeaving", qtbot: QtBot
) -> None:
    told: list[None] = []
    leaving.left.connect(lambda: told.append(None))
    signal = QDBusMessage.createSignal(LOGIN_PATH, f"{LOGIN}.Manager", "PrepareForSleep")
    signal.setArguments([True])
    assert bus.near.send(signal)
    with qtbot.waitSignal(leaving.left):
        bus.system.tell(SESSION_PATH, f"{LOGIN}.Session", "Lock")
    assert len(told) == 1


@needs_a_bus
def test_sleep_waits_while_the_program_is_unlocked_and_no_longer(
    bus: Bus, leaving: "LinuxLeaving", qtbot: QtBot
) -> None:
    leaving.unlocked()
    qtbot.waitUntil(lambda: leaving.delay is not None)
    assert [(what, mode) for what, _, _, mode in bus.system.asked] == [("sleep", "delay")]
    assert not bus.system.sleep_may_go_on()
    leaving.locked()
    qtbot.waitUntil(bus.system.sleep_may_go_on)


@needs_a_bus
def test_sleep_does_not_wait_when_the_answer_comes_after_locking(
    bus: Bus, leaving: "LinuxLeaving", qtbot: QtBot
) -> None:
    leaving.unlocked()
    leaving.locked()
    qtbot.waitUntil(lambda: bool(bus.system.asked) and not leaving.unanswered)
    qtbot.waitUntil(bus.system.sleep_may_go_on)


@needs_a_bus
def test_what_was_typed_is_kept_before_the_laptop_sleeps(
    bus: Bus, leaving: "LinuxLeaving", user: User, qtbot: QtBot
) -> None:
    user.window.hear(leaving)
    work = user.unlock()
    user.begin(work)
    user.area().setPlainText("Calm until")
    qtbot.waitUntil(lambda: leaving.delay is not None)
    with qtbot.waitSignal(user.window.locked, timeout=20_000):
        bus.system.sleep()
        assert not bus.system.sleep_may_go_on()
    qtbot.waitUntil(bus.system.sleep_may_go_on)
    user.unlock()
    assert user.area().toPlainText() == "Calm until"


@pytest.mark.skipif(sys.platform != "linux", reason="there is no such bus elsewhere")
@pytest.mark.usefixtures("qapp")
def test_without_a_bus_nothing_is_heard_and_nothing_breaks() -> None:
    nowhere = QDBusConnection("nowhere")
    assert not nowhere.isConnected()
    made = LinuxLeaving(nowhere, nowhere)
    made.unlocked()
    made.locked()
    assert not made.unanswered


@needs_a_bus
def test_a_bus_without_logind_is_one_where_nothing_is_heard(bus: Bus, qtbot: QtBot) -> None:
    assert bus.far.unregisterService(LOGIN)
    made = LinuxLeaving(bus.near, bus.near)
    made.unlocked()
    qtbot.waitUntil(lambda: not made.unanswered)
    assert not made.session_path
    assert made.delay is None


def windows_message(number: int, word: int) -> bytes:
    """A MSG as Windows lays it out: window, message, two words, time, place of the pointer."""
    return struct.pack("@PIPPIii", 0x1234, number, word, 1, 99, 10, 20)


@pytest.mark.parametrize(
    ("number", "word", "leaves"),
    [
        (WM_POWERBROADCAST, 0x4, True),
        (WM_POWERBROADCAST, 0x7, False),
        (WM_POWERBROADCAST, 0x12, False),
        (WM_POWERBROADCAST, 0xA, False),
        (WM_WTSSESSION_CHANGE, 0x1, False),
        (WM_WTSSESSION_CHANGE, 0x2, True),
        (WM_WTSSESSION_CHANGE, 0x4, True),
        (WM_WTSSESSION_CHANGE, 0x6, True),
        (WM_WTSSESSION_CHANGE, 0x7, True),
        (WM_WTSSESSION_CHANGE, 0x8, False),
        (0x0100, 0x7, False),
    ],
    ids=[
        "sleeps",
        "wakes",
        "wakes by itself",
        "another battery",
        "comes",
        "goes",
        "goes from afar",
        "signs off",
        "locks",
        "unlocks",
        "a key",
    ],
)
def test_windows_messages_are_read(number: int, word: int, *, leaves: bool) -> None:
    message = windows_message(number, word)
    assert len(message) >= MSG_BYTES
    assert says_leaving(message) is leaves
