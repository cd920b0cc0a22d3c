"""Changes as the desk makes them (read, apply, hold, settle) and reads, in a line each."""

from hashlib import sha256
from typing import Any

from msgspec.structs import replace

from equipoise.application.ports import AsOf, Entry, Store
from equipoise.domain.change import Command, Moment, Noun, Outcome, apply
from equipoise.domain.flag import FLAG
from equipoise.domain.flag.state import Flag
from equipoise.domain.identity import Id, Place
from tests.domain.builders import a_flag

PROJECT_PLACE = Place("default")
AT = 1_700_000_000_000
ENTRY = Entry(at=AT, principal="somebody", surface="test", comment="because", request="r1")


def an_id(name: object) -> Id:
    return sha256(str(name).encode()).hexdigest()[:24]


def moment(at: int = AT) -> Moment:
    return Moment(at, b"entropy")


def birth(noun: Noun[Any], state: Any) -> Outcome[Any]:
    return apply(noun, None, noun.birth(state), moment())


def bear(store: Store, noun: Noun[Any], *states: Any, at: int = AT) -> None:
    """All are born in one change."""
    with store.write() as transaction:
        entry = Entry(at, "somebody", "test")
        transaction.settle([birth(noun, state) for state in states], entry)


def force(store: Store, *flags: Flag) -> None:
    """Stores them past every rule, as a version that had others may have done."""
    outcomes = [birth(FLAG, a_flag(id=flag.id, key=flag.key)) for flag in flags]
    with store.write() as transaction:
        forced = [replace(each, after=flag) for each, flag in zip(outcomes, flags, strict=True)]
        transaction.settle(forced, Entry(AT, "somebody", "test"))


def change(store: Store, noun: Noun[Any], id: Id, *commands: Command, at: int = AT) -> Any:
    """The state after one change for each command; None when it is gone."""
    state = None
    for command in commands:
        with store.write() as transaction:
            now = transaction.find(noun, id)
            assert now is not None
            transaction.hold([(noun.name, id, now.revision)], [(noun.name, id)])
            outcome = apply(noun, now, command, moment(at))
            transaction.settle([outcome], Entry(at, "somebody", "test"))
            state = outcome.after
    return state


def flag(key: str, **fields: Any) -> Flag:
    return a_flag(id=an_id(key), key=key, **fields)


def find(store: Store, noun: Any, id: str, as_of: AsOf | None = None) -> Any:
    with store.read() as reader:
        return reader.find(noun, id, as_of)


def named(store: Store, noun: Any, place: Place, key: str, as_of: AsOf | None = None) -> Any:
    with store.read() as reader:
        return reader.named(noun, place, key, as_of)
