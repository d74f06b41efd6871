"""Leads a person through the door: which screen is shown while the laptop is locked, and why.

It asks the laptop in the slow lane and never waits. Passphrases and codes pass through and are
kept nowhere.
"""

import datetime as dt
import threading
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication, QStackedWidget

from hah_desktop.domain.errors import KnownError
from hah_desktop.laptop.errors import AccessEnded, LeaseEnded, NotRenewed, NotSetUp
from hah_desktop.laptop.folder import Laptop
from hah_desktop.laptop.offers import Damage
from hah_desktop.laptop.people import Person
from hah_desktop.laptop.unlocked import Unlocked
from hah_desktop.seals import letters
from hah_desktop.seals.errors import Misheard
from hah_desktop.sync.errors import Refused, is_unknown
from hah_desktop.sync.steps import Progress
from hah_desktop.ui.background import Background, Lane
from hah_desktop.ui.damage import copies, made, or_damage
from hah_desktop.ui.ended import Ended
from hah_desktop.ui.hard_day import HardDay
from hah_desktop.ui.household import Household
from hah_desktop.ui.parts.doorstep import Doorstep
from hah_desktop.ui.parts.words import counted
from hah_desktop.ui.screens.damaged import PutBack
from hah_desktop.ui.screens.forgotten import ForgottenScreen, NewStart
from hah_desktop.ui.screens.lease import Contact, Extension, LeaseScreen
from hah_desktop.ui.screens.set_up import EnrolForm, EnrolScreen
from hah_desktop.ui.screens.unlock import UnlockScreen
from hah_desktop.vault.errors import WrongCode
from hah_desktop.vault.passphrase import problems

SPENT = (
    "The office’s code is used up, and your new passphrase is in force. Nothing was lost. The old "
    "passphrase no longer unlocks this laptop."
)
EXTENDED = "The office’s code is used up. Connect to the office as soon as you can."
PUT_BACK = (
    "The safety copy of {made} is in place. Sync now, to fetch what the office has received since."
)

Tell = Callable[[str], None]


class Door(QObject):
    """The screens before the work, in the window's stack.

    `opened` carries what was unlocked, and what to say about it; `laptop` is then the folder of
    whoever unlocked it.
    """

    opened = Signal(object, str)
    close_requested = Signal()

    def __init__(
        self,
        stack: QStackedWidget,
        laptop: Laptop,
        background: Background,
        screen: UnlockScreen | None = None,
    ) -> None:
        super().__init__(stack)
        self._stack = stack
        self._background = background
        self._damage: Damage | None = None
        self._stop = threading.Event()
        self.laptop = laptop
        self.household = Household(stack, laptop.folder)
        self.ended = Ended(stack, background)
        self.hard_day = HardDay(stack)
        self.unlock_screen = screen or UnlockScreen()
        self.enrol_screen = EnrolScreen(problems, letters.read)
        stack.addWidget(self.unlock_screen)
        stack.addWidget(self.enrol_screen)
        self._connect_screens()

    def _connect_screens(self) -> None:
        self.unlock_screen.unlock_requested.connect(self._unlock)
        self.unlock_screen.forgotten_requested.connect(self._forgotten)
        self.unlock_screen.others_requested.connect(self._ask_for_others)
        self.enrol_screen.enrol_requested.connect(self._set_up)
        self.enrol_screen.back_requested.connect(self._leave_setting_up)
        self.hard_day.recover_requested.connect(self._recover)
        self.hard_day.connect_requested.connect(self._connect_to_office)
        self.hard_day.stop_requested.connect(self._stop_connecting)
        self.hard_day.extend_requested.connect(self._extend)
        self.hard_day.put_back_requested.connect(self._put_back)
        self.hard_day.close_requested.connect(self.close_requested)
        self.hard_day.back_requested.connect(self._back)
        self.household.came.connect(self._come)
        self.household.joined.connect(self._join)
        self.ended.close_requested.connect(self.close_requested)
        self.ended.others_requested.connect(self.household.ask_for_others)

    # Where to begin

    def start(self) -> None:
        """Show the first screen: the one person's, or who is unlocking."""
        self.household.ask()

    def show_ended(self) -> None:
        """Show what became of this laptop once the office has ended its access."""
        if not self.ended.show(self.laptop, alone=self.household.is_alone()):
            self._come_to_unlock()

    def _come(self, person: Person) -> None:
        self.laptop = replace(self.laptop, folder=person.folder)
        self.enrol_screen.set_person("")
        self.show_ended()

    def _come_to_unlock(self) -> None:
        self.unlock_screen.set_person(self.household.label(self.laptop.folder))
        self._show(self.unlock_screen if self.laptop.is_set_up() else self.enrol_screen)

    def _show_setting_up(self, problem: str) -> None:
        self._forget()
        self.enrol_screen.set_person(self.household.label(self.laptop.folder))
        self._show(self.enrol_screen)
        self.enrol_screen.show_problem(problem)

    def _join(self, person: Person) -> None:
        self.laptop = replace(self.laptop, folder=person.folder)
        self.enrol_screen.empty()
        self.enrol_screen.set_person(person.label)
        self._show(self.enrol_screen)

    def _leave_setting_up(self) -> None:
        if not self.enrol_screen.back.isHidden():
            self.enrol_screen.empty()
            self.household.give_up()

    def _ask_for_others(self) -> None:
        self.unlock_screen.clear()
        self.household.ask_for_others()

    def _show(self, screen: Doorstep) -> None:
        _bring(self._stack, screen)

    def _back(self) -> None:
        self._forget()
        self._show(self.unlock_screen)

    def _forget(self) -> None:
        """Empty every screen."""
        self._damage = None
        self.hard_day.forget()
        for screen in (self.unlock_screen, self.enrol_screen):
            screen.set_busy(False)
            screen.empty()

    # The ways in

    def _set_up(self, form: EnrolForm) -> None:
        laptop = self.laptop
        self._run(
            self.enrol_screen,
            "Setting up this laptop",
            lambda tell: laptop.set_up(form.office_address, form.code, form.passphrase, tell),
        )

    def _unlock(self, passphrase: str) -> None:
        laptop = self.laptop
        self._run(
            self.unlock_screen,
            "Unlocking",
            lambda _tell: or_damage(laptop, passphrase, partial(laptop.unlock, passphrase)),
        )

    def _forgotten(self) -> None:
        screen = self.unlock_screen
        screen.clear()
        screen.set_busy(True, "Looking for the way in by telephone")
        failed = partial(self._failed, screen)
        self._background.run(Lane.SLOW, self.laptop.recovery_request, self._show_request, failed)

    def _show_request(self, request: str) -> None:
        self._forget()
        self.hard_day.forgotten.show_request(request)
        self._show(self.hard_day.forgotten)

    def _recover(self, start: NewStart) -> None:
        laptop = self.laptop
        self._run(
            self.hard_day.forgotten,
            "Unlocking with the office’s code",
            lambda tell: laptop.recover(start.code, start.passphrase, tell),
            SPENT,
        )

    def _extend(self, extension: Extension) -> None:
        laptop, passphrase = self.laptop, extension.passphrase
        way = partial(laptop.extend_lease, passphrase, extension.code)
        self._run(
            self.hard_day.lease,
            "Unlocking with the office’s code",
            lambda _tell: or_damage(laptop, passphrase, way),
            EXTENDED,
        )

    def _connect_to_office(self, contact: Contact) -> None:
        laptop, screen, words = self.laptop, self.hard_day.lease, contact.passphrase
        stop = self._stop = threading.Event()

        def work(tell: Callable[[Progress], None]) -> Unlocked | Damage:
            way = partial(laptop.connect, words, tell, stop.is_set, contact.code)
            return or_damage(laptop, words, way)

        screen.set_connecting("Connecting to the office")
        self._background.run(
            Lane.SLOW,
            work,
            self._came_in,
            partial(self._failed, screen),
            progress=lambda step: screen.set_connecting(_words(step)),
            cancel=stop,
        )

    def _stop_connecting(self) -> None:
        self._stop.set()

    def _put_back(self, chosen: PutBack) -> None:
        laptop, damage, number = self.laptop, self._damage, int(chosen.key)
        if damage is None:
            return
        self._run(
            self.hard_day.damaged,
            "Putting the safety copy in place",
            lambda tell: laptop.put_back(chosen.passphrase, damage.offers[number], tell),
            PUT_BACK.format(made=made(damage.offers[number], self._now())),
        )

    def _run(
        self,
        screen: Doorstep,
        words: str,
        way: Callable[[Tell], Unlocked | Damage],
        note: str = "",
    ) -> None:
        screen.set_busy(True, words)
        self._background.run(
            Lane.SLOW,
            way,
            partial(self._came_in, note=note),
            partial(self._failed, screen),
            progress=lambda step: screen.set_busy(True, step),
        )

    # How it went

    def _came_in(self, found: Unlocked | Damage, note: str = "") -> None:
        self._forget()
        if isinstance(found, Damage):
            self.show_damage(found)
            return
        self.enrol_screen.set_person("")
        self.unlock_screen.set_person(self.household.label(self.laptop.folder))
        self.opened.emit(found, note)

    def _failed(self, screen: Doorstep, fault: BaseException) -> None:
        screen.set_busy(False)
        match fault:
            case NotSetUp():
                self._show_setting_up(str(fault))
            case LeaseEnded():
                self._forget()
                self.hard_day.lease.show_lease(f"{fault.what} {fault.kept}", fault.request)
                self._show(self.hard_day.lease)
            case NotRenewed():
                self._back()
                self.unlock_screen.show_problem(str(fault))
            case AccessEnded():
                self._forget()
                self.show_ended()
            case Misheard() if isinstance(screen, EnrolScreen | ForgottenScreen | LeaseScreen):
                screen.show_wrong_groups(fault.groups, str(fault))
            case WrongCode() if isinstance(screen, ForgottenScreen | LeaseScreen):
                screen.show_wrong_code(str(fault))
            case Refused() if isinstance(screen, LeaseScreen) and is_unknown(fault):
                screen.show_lost(fault.what)
            case KnownError():
                screen.show_problem(str(fault))
            case _:
                raise fault

    def show_damage(self, damage: Damage) -> None:
        """Say what is damaged, and offer what can take its place."""
        self._damage = damage
        self.hard_day.damaged.show_damage(damage.fault.what, copies(damage, self._now()))
        self._show(self.hard_day.damaged)

    def _now(self) -> dt.datetime:
        return self.laptop.clock().astimezone()


def _bring(stack: QStackedWidget, screen: Doorstep) -> None:
    """Show a screen. Who is in it already is left there: it may have been painted before."""
    stack.setCurrentWidget(screen)
    focused = QApplication.focusWidget()
    if focused is None or not screen.isAncestorOf(focused):
        screen.setFocus()


def _words(step: Progress) -> str:
    return f"{counted(step.sent, 'change')} sent, {counted(step.received, 'record')} fetched"
