"""A bundle is opened by whom it was meant for, whole and from whom it says, or not at all."""

import hashlib
import io
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from hah_desktop.seals import bundle, sealing, stream
from hah_desktop.seals.bundle import (
    ID_BYTES,
    MAGIC,
    SLOT_BYTES,
    Kind,
    Made,
    Part,
    Sender,
    key_id,
)
from hah_desktop.seals.errors import NotSigned, SealBroken, SealedNewer
from hah_desktop.seals.sealing import OfficeSecrets

OFFICE = OfficeSecrets.generate()
STRANGER = OfficeSecrets.generate()
KEY = Ed25519PrivateKey.generate()
PUBLIC = KEY.public_key().public_bytes_raw()
SENDER = Sender("laptop-1", 1, "2026-11-26T10:00:00+00:00", KEY.sign)
OPENING = len(MAGIC) + ID_BYTES + 1 + SLOT_BYTES
ID = bytes(range(ID_BYTES))

Change = Callable[[dict[str, Any]], object]


def _senders(laptop: str) -> bytes | None:
    return PUBLIC if laptop == "laptop-1" else None


def _parts() -> list[Part]:
    return [
        Part("changes", Kind.CHANGES, [b'{"number":1}\n', bytearray(b'{"number":2}\n')]),
        Part("draft-1.json", Kind.DRAFT, [b"{}"]),
        Part("a-letter", Kind.FILE, (bytes((n,)) * 300_000 for n in range(8))),
        Part("nothing", Kind.FILE, []),
    ]


def _bytes() -> list[bytes]:
    return [b"".join(map(bytes, part.pieces)) for part in _parts()]


def _write(
    *readers: OfficeSecrets, parts: list[Part] | None = None, sender: Sender = SENDER
) -> tuple[bytes, Made]:
    target = io.BytesIO()
    keys = [reader.public.recovery for reader in readers or (OFFICE,)]
    made = bundle.write(target, sender, keys, _parts() if parts is None else parts)
    return target.getvalue(), made


def _read(
    data: bytes,
    secrets: OfficeSecrets = OFFICE,
    senders: Callable[[str], bytes | None] = _senders,
) -> list[tuple[str, bytes]]:
    found = bundle.read(io.BytesIO(data), secrets.recovery, senders)
    return [(listed.name, b"".join(pieces)) for listed, pieces in found.parts()]


def _plain(part: bytes = b"words") -> dict[str, Any]:
    """A manifest as a sender may write it by hand, of one part."""
    return {
        "bundle": ID.hex(),
        "laptop": "laptop-1",
        "number": 1,
        "made_at": "2026-11-26T10:00:00+00:00",
        "recipients": [key_id(OFFICE.public.recovery)],
        "parts": [
            {
                "name": "a-letter",
                "kind": "file",
                "size": len(part),
                "sha256": hashlib.sha256(part).hexdigest(),
            }
        ],
    }


def _spell(plain: object) -> bytes:
    return json.dumps(plain, sort_keys=True, separators=(",", ":")).encode()


def _by_hand(
    spelled: bytes,
    part: bytes = b"words",
    *,
    to: OfficeSecrets = OFFICE,
    length: int | None = None,
    key: Ed25519PrivateKey = KEY,
) -> bytes:
    """A bundle as somebody makes it who has the sender's key but not this program."""
    content_key = stream.new_key()
    slot = sealing.seal(to.public.recovery, b"help-at-hand bundle 1\n" + ID, content_key)
    opening = MAGIC + ID + b"\x01" + slot
    signature = key.sign(b"hah-manifest-1\n" + hashlib.sha256(opening).digest() + spelled)
    end = (len(spelled) if length is None else length).to_bytes(4, "big")
    target = io.BytesIO()
    target.write(opening)
    stream.write([part, spelled, signature, end], target, content_key, opening)
    return target.getvalue()


def test_what_was_put_in_comes_out_whole_and_in_order() -> None:
    data, made = _write()
    found = bundle.read(io.BytesIO(data), OFFICE.recovery, _senders)
    assert found.manifest == made.manifest
    assert [part.name for part in found.manifest.parts] == [part.name for part in _parts()]
    assert [part.kind for part in found.manifest.parts] == [part.kind for part in _parts()]
    assert [b"".join(pieces) for _, pieces in found.parts()] == _bytes()
    assert (found.manifest.laptop, found.manifest.number) == ("laptop-1", 1)
    KEY.public_key().verify(
        found.signature,
        b"hah-manifest-1\n" + hashlib.sha256(data[:OPENING]).digest() + _spelled_in(found),
    )


def _spelled_in(found: bundle.Bundle) -> bytes:
    return b"".join(found._body.read())[sum(map(len, _bytes())) : -68]


def test_what_was_signed_proves_later_what_came() -> None:
    found = bundle.read(io.BytesIO(_write()[0]), OFFICE.recovery, _senders)

    KEY.public_key().verify(found.signature, found.signed)

    assert bundle.manifest_in(found.signed) == found.manifest
    for other in (found.signed[1:], found.signed[:-1], b""):
        with pytest.raises(SealBroken):
            bundle.manifest_in(other)


def test_a_part_that_is_passed_over_does_not_shift_the_next() -> None:
    found = bundle.read(io.BytesIO(_write()[0]), OFFICE.recovery, _senders)
    read = []
    for listed, pieces in found.parts():
        if listed.kind is Kind.FILE:
            read.append(b"".join(pieces))
    assert read == _bytes()[2:]


def test_each_of_several_readers_opens_it() -> None:
    data, _ = _write(STRANGER, OFFICE)
    assert _read(data, OFFICE) == _read(data, STRANGER)


def test_a_bundle_may_stand_in_the_middle_of_a_file() -> None:
    source = io.BytesIO(b"before" + _write()[0])
    source.seek(6)
    assert bundle.read(source, OFFICE.recovery, _senders).manifest.number == 1


def test_outside_stands_nothing_but_a_random_id() -> None:
    data, made = _write()
    assert data.startswith(MAGIC + bytes.fromhex(made.manifest.bundle) + b"\x01")
    for word in (b"laptop-1", b"2026", b"a-letter", key_id(OFFICE.public.recovery).encode()):
        assert word not in data
    assert _write()[1].manifest.bundle != made.manifest.bundle


def test_a_part_larger_than_a_few_chunks_is_never_held() -> None:
    target = io.BytesIO()
    behind: list[int] = []

    def pieces() -> Iterator[bytes]:
        for number in range(12):
            behind.append(number * stream.CHUNK - len(target.getvalue()))
            yield bytes(stream.CHUNK)

    part = Part("large", Kind.FILE, pieces())
    bundle.write(target, SENDER, [OFFICE.public.recovery], [part])
    assert max(behind) <= stream.CHUNK
    assert [(name, len(data)) for name, data in _read(target.getvalue())] == [
        ("large", 12 * stream.CHUNK)
    ]


def test_a_stranger_opens_nothing() -> None:
    with pytest.raises(SealBroken):
        _read(_write()[0], STRANGER)


def test_every_truncation_is_refused() -> None:
    data, _ = _write()
    chunk = stream.CHUNK + 16
    edges = [0, 8, 24, 25, OPENING, OPENING + 15, OPENING + 15 + chunk, OPENING + 15 + 2 * chunk]
    for edge in (*edges, len(data)):
        for length in range(max(0, edge - 3), min(edge + 3, len(data))):
            with pytest.raises(SealBroken):
                _read(data[:length])


def test_a_chunk_that_was_cut_out_is_refused() -> None:
    data, _ = _write()
    start = OPENING + 15
    with pytest.raises(SealBroken):
        _read(data[:start] + data[start + stream.CHUNK + 16 :])


def test_bytes_at_the_end_are_refused() -> None:
    with pytest.raises(SealBroken):
        _read(_write()[0] + b"\0")


SMALL, _ = _write(STRANGER, OFFICE, parts=[Part("a-letter", Kind.FILE, [b"words"])])


@settings(max_examples=300)
@given(st.integers(0, 8 * len(SMALL) - 1))
def test_a_flipped_bit_in_any_slot_or_in_the_body_is_refused(bit: int) -> None:
    changed = bytearray(SMALL)
    changed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(SealBroken):
        _read(bytes(changed))


@pytest.mark.parametrize("count", [0, 17, 255])
def test_too_many_slots_or_none_are_refused(count: int) -> None:
    with pytest.raises(SealBroken):
        _read(SMALL[:24] + bytes((count,)) + bytes(255 * SLOT_BYTES))


def test_an_unknown_sender_is_refused() -> None:
    with pytest.raises(NotSigned):
        _read(_write(sender=Sender("laptop-2", 1, "", KEY.sign))[0])


def test_another_laptop_cannot_send_in_its_name() -> None:
    other = Ed25519PrivateKey.generate()
    with pytest.raises(NotSigned):
        _read(_write(sender=Sender("laptop-1", 1, "", other.sign))[0])


def test_a_key_that_is_none_proves_nothing() -> None:
    with pytest.raises(NotSigned):
        _read(SMALL, senders=lambda _: b"short")


def test_who_may_read_it_cannot_pass_it_on_in_the_sender_s_name() -> None:
    # The office seals the sender's own words and signature anew, for somebody else.
    data, made = _write()
    slot = sealing.seal(
        STRANGER.public.recovery,
        b"help-at-hand bundle 1\n" + bytes.fromhex(made.manifest.bundle),
        made.key,
    )
    body = b"".join(stream.read(io.BytesIO(data[OPENING:]), made.key, data[:OPENING]))
    opening = data[:25] + slot
    target = io.BytesIO()
    target.write(opening)
    stream.write([body], target, made.key, opening)
    with pytest.raises(NotSigned):
        _read(target.getvalue(), STRANGER)


def test_a_reader_whom_the_sender_did_not_name_is_refused() -> None:
    assert _read(_by_hand(_spell(_plain()))) == [("a-letter", b"words")]
    with pytest.raises(SealBroken):
        _read(_by_hand(_spell(_plain()), to=STRANGER), STRANGER)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda m: m.update(bundle="ff" * 16), id="another bundle"),
        pytest.param(lambda m: m.update(laptop=3), id="no laptop"),
        pytest.param(lambda m: m.update(made_at="\x1b[2J"), id="what a terminal obeys"),
        pytest.param(lambda m: m.update(made_at="1" * 201), id="a long moment"),
        pytest.param(lambda m: m.update(number=0), id="counted from 0"),
        pytest.param(lambda m: m.update(number=True), id="no number"),
        pytest.param(lambda m: m.update(number=-1), id="a negative number"),
        pytest.param(lambda m: m.update(parts=3), id="no parts"),
        pytest.param(lambda m: m.update(parts=["a-letter"]), id="parts that are names"),
        pytest.param(lambda m: m.update(more=1), id="something unknown"),
        pytest.param(lambda m: m.pop("made_at"), id="something missing"),
        pytest.param(lambda m: m.update(recipients=None), id="no readers"),
        pytest.param(lambda m: m["parts"][0].update(size=4), id="a smaller size"),
        pytest.param(lambda m: m["parts"][0].update(size=6), id="a larger size"),
        pytest.param(lambda m: m["parts"][0].update(size=10**30), id="a size of nothing"),
        pytest.param(lambda m: m["parts"][0].update(sha256="0" * 64), id="another hash"),
        pytest.param(lambda m: m["parts"][0].update(kind="program"), id="an unknown kind"),
        pytest.param(lambda m: m["parts"].append(m["parts"][0]), id="a part too many"),
        pytest.param(
            lambda m: m["parts"].append({**m["parts"][0], "size": 0}), id="a name used twice"
        ),
    ],
)
def test_a_manifest_that_does_not_fit_is_refused_though_it_is_signed(change: Change) -> None:
    plain = _plain()
    change(plain)
    with pytest.raises(SealBroken):
        _read(_by_hand(_spell(plain)))


@pytest.mark.parametrize(
    "name",
    [
        "",
        "../office.db",
        "/etc/passwd",
        "a/b",
        "a\\b",
        "C:letter",
        ".hidden",
        "..",
        "a..b",
        "A-Letter",
        "a letter",
        "letter.",
        "-rf",
        "letter\n",
        "letter\0",
        "con",
        "nul.txt",
        "com1",
        "x" * 200,
    ],
)
def test_a_part_with_a_name_like_a_path_is_refused(name: str) -> None:
    plain = _plain()
    plain["parts"][0]["name"] = name
    with pytest.raises(SealBroken):
        _read(_by_hand(_spell(plain)))
    with pytest.raises(ValueError, match="plain names"):
        _write(parts=[Part(name, Kind.FILE, [])])


@pytest.mark.parametrize(
    "spelled",
    [b"", b"{", b"[]", b"[" * 50_000, b"\xff", json.dumps(_plain()).encode()],
)
def test_a_manifest_in_any_other_spelling_is_refused(spelled: bytes) -> None:
    with pytest.raises(SealBroken):
        _read(_by_hand(spelled))


@pytest.mark.parametrize("length", [0, 1, 10**6, 2**32 - 1])
def test_a_manifest_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(SealBroken):
        _read(_by_hand(_spell(_plain()), length=length))


def test_a_bundle_of_a_later_form_is_told_from_a_damaged_one() -> None:
    data, _ = _write()
    with pytest.raises(SealedNewer, match="newer version"):
        _read(data.replace(b"HAHBDL1", b"HAHBDL2", 1))
    with pytest.raises(SealBroken, match="damaged"):
        _read(data.replace(b"HAHBDL1", b"HAHBDLx", 1))


def test_a_bundle_without_a_manifest_is_refused() -> None:
    key = stream.new_key()
    slot = sealing.seal(OFFICE.public.recovery, b"help-at-hand bundle 1\n" + ID, key)
    opening = MAGIC + ID + b"\x01" + slot
    target = io.BytesIO()
    target.write(opening)
    stream.write([b"12"], target, key, opening)
    with pytest.raises(SealBroken):
        _read(target.getvalue())


def test_a_file_that_is_changed_after_it_was_opened_gives_nothing_else() -> None:
    data, made = _write()
    source = io.BytesIO(data)
    found = bundle.read(source, OFFICE.recovery, _senders)
    for body in ([b"other words"], [b"x" * 26]):
        other = io.BytesIO()
        other.write(data[:OPENING])
        stream.write(body, other, made.key, data[:OPENING])
        source.seek(0)
        source.truncate()
        source.write(other.getvalue())
        with pytest.raises(SealBroken):
            [b"".join(pieces) for _, pieces in found.parts()]


def test_the_writer_can_read_back_all_but_the_slots() -> None:
    data, made = _write()
    bundle.prove(io.BytesIO(data), made, PUBLIC)
    with pytest.raises(SealBroken):
        bundle.prove(io.BytesIO(data[:-1]), made, PUBLIC)
    with pytest.raises(NotSigned):
        bundle.prove(io.BytesIO(data), made, bytes(32))
    other, _ = _write()
    with pytest.raises(SealBroken):
        bundle.prove(io.BytesIO(other), made, PUBLIC)


def test_what_was_made_is_not_taken_for_another_bundle_under_the_same_key() -> None:
    data, made = _write()
    body = b"".join(stream.read(io.BytesIO(data[OPENING:]), made.key, data[:OPENING]))
    plain = {**json.loads(body[sum(map(len, _bytes())) : -68]), "made_at": "later"}
    spelled = _spell(plain)
    signed = b"hah-manifest-1\n" + hashlib.sha256(data[:OPENING]).digest() + spelled
    target = io.BytesIO()
    target.write(data[:OPENING])
    pieces = [*_bytes(), spelled, KEY.sign(signed), len(spelled).to_bytes(4, "big")]
    stream.write(pieces, target, made.key, data[:OPENING])
    with pytest.raises(SealBroken):
        bundle.prove(io.BytesIO(target.getvalue()), made, PUBLIC)


def test_a_bundle_has_readers() -> None:
    for readers in ([], [OFFICE.public.recovery] * 17):
        with pytest.raises(ValueError, match="readers"):
            bundle.write(io.BytesIO(), SENDER, readers, [])


def test_a_reader_s_key_that_is_none_is_refused() -> None:
    with pytest.raises(SealBroken):
        bundle.write(io.BytesIO(), SENDER, [b"short"], [])


def test_keys_are_not_told_by_accident() -> None:
    _, made = _write()
    assert repr(made.key) not in repr(made)
    assert "sign=" not in repr(SENDER)
