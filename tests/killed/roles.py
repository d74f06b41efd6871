"""What a fork is: the office or a laptop, as they ship, and stopped where it is to be killed."""

from collections.abc import Sequence

# Before anybody forks, so that none has to import them again.
import anyio._backends._asyncio  # noqa: F401 - found by its name, and only at the first request
import uvicorn
import uvicorn.lifespan.on
import uvicorn.loops.asyncio
import uvicorn.protocols.http.auto
import uvicorn.protocols.websockets.auto

from hah_central import cli
from tests.killed.fork import Voice
from tests.killed.person import Life, Seat, live
from tests.killed.plan import Kill
from tests.killed.planted import Planted, plant
from tests.killed.stages import Stage, Stopping, tell_healing


def be_an_office(words: Sequence[str], kill: Kill | None, planted: Planted, voice: Voice) -> None:
    """The office as it ships, from its command line on."""
    right = uvicorn.Server.startup

    async def startup(self: uvicorn.Server, *given: object, **named: object) -> None:
        await right(self, *given, **named)  # type: ignore[arg-type]  # as given
        voice.say(up=True)

    uvicorn.Server.startup = startup  # type: ignore[method-assign]  # told when it is there
    plant(planted, voice)
    _stop_at(kill, voice)
    cli.main(words)


def be_a_laptop(seat: Seat, life: Life, kill: Kill | None, planted: Planted, voice: Voice) -> None:
    """A laptop as it ships, and whoever works with it."""
    plant(planted, voice)
    tell_healing(lambda what: voice.say(mended=what))
    _stop_at(kill, voice)
    live(seat, life, voice)


def _stop_at(kill: Kill | None, voice: Voice) -> None:
    if kill is not None and kill.moment.stage is not Stage.LINE:
        Stopping(kill.moment, lambda where: voice.say(stage=where), voice.wait).arm()
