"""How anything changes: moments, births, folds, and two outcomes made one."""

import msgspec
import pytest
from msgspec import Struct
from msgspec.structs import replace

from equipoise.domain.change import (
    Command,
    Event,
    Facets,
    Moment,
    Noun,
    Outcome,
    apply,
    fold,
    merge,
)
from equipoise.domain.errors import Held, Missing, Refused
from equipoise.domain.identity import INSTANCE, Place, is_id

MOMENT = Moment(at=1_700_000_000_000, entropy=b"entropy")


class Lamp(Struct, frozen=True):
    id: str
    key: str
    lit: bool = False
    revision: int = 0
    touched_at: int = 0

    @property
    def place(self) -> Place:
        return INSTANCE

    @property
    def territory(self) -> Place:
        return INSTANCE


class Hang(Command, frozen=True):
    lamp: Lamp


class Light(Command, frozen=True): ...


class Break(Command, frozen=True): ...


class Touch(Command, frozen=True): ...


class Hung(Event, frozen=True):
    lamp: Lamp


class Lit(Event, frozen=True):
    warm: bool = False


class Broken(Event, frozen=True): ...


def touch(now: Lamp, command: Touch, moment: Moment) -> tuple[Event, ...]:
    raise Refused("touch it", now.key, "is hot")


LAMP: Noun[Lamp] = Noun(
    "lamp",
    Lamp,
    Hang,
    {
        Hang: lambda now, command, moment: (Hung(command.lamp),),
        Light: lambda now, command, moment: () if now.lit else (Lit(),),
        Break: lambda now, command, moment: (Broken(),),
        Touch: touch,
    },
    {
        Hung: lambda now, event: event.lamp,
        Lit: lambda now, event: replace(now, lit=True),
        Broken: lambda now, event: None,
    },
    lambda lamp: Facets(name=lamp.key),
)
DARK = Lamp("1", "hall", revision=4)


def test_a_birth_has_revision_one() -> None:
    outcome = apply(LAMP, None, Hang(Lamp("1", "hall")), MOMENT)
    assert outcome.before is None
    assert outcome.after == outcome.state == Lamp("1", "hall", False, 1, MOMENT.at)
    assert outcome.subject == ("lamp", "1")


def test_a_change_is_one_step_of_the_revision() -> None:
    assert apply(LAMP, DARK, Light(), MOMENT).after == Lamp("1", "hall", True, 5, MOMENT.at)


def test_a_change_that_changes_nothing_is_no_event_and_no_step() -> None:
    lit = replace(DARK, lit=True)
    outcome = apply(LAMP, lit, Light(), MOMENT)
    assert outcome.events == ()
    assert outcome.after is lit


def test_what_is_gone_has_no_state_after_but_one_before() -> None:
    outcome = apply(LAMP, DARK, Break(), MOMENT)
    assert outcome.after is None
    assert outcome.state is DARK


def test_nothing_is_asked_of_what_is_not_there() -> None:
    with pytest.raises(Missing):
        apply(LAMP, None, Light(), MOMENT)


def test_nothing_is_born_twice() -> None:
    with pytest.raises(Held):
        apply(LAMP, DARK, Hang(DARK), MOMENT)


def test_a_refusal_is_not_caught() -> None:
    with pytest.raises(Refused):
        apply(LAMP, DARK, Touch(), MOMENT)


def test_many_events_of_one_change_are_one_step() -> None:
    assert fold(LAMP, DARK, (Lit(), Lit()), 7) == Lamp("1", "hall", True, 5, 7)
    assert fold(LAMP, DARK, (), 7) is DARK


def test_two_outcomes_of_one_change_are_one_step_of_the_revision() -> None:
    born = apply(LAMP, None, Hang(Lamp("1", "hall")), MOMENT)
    lit = apply(LAMP, born.after, Light(), MOMENT)
    both = merge(born, lit)
    assert both == Outcome(LAMP, None, Lamp("1", "hall", True, 1, MOMENT.at), born.events + lit.events)


def test_what_is_born_and_broken_in_one_change_was_never_there() -> None:
    born = apply(LAMP, None, Hang(Lamp("1", "hall")), MOMENT)
    broken = apply(LAMP, born.after, Break(), MOMENT)
    assert merge(born, broken).after is None
    assert merge(born, broken).before is None


def test_an_outcome_without_events_adds_nothing() -> None:
    lit = apply(LAMP, DARK, Light(), MOMENT)
    again = apply(LAMP, lit.after, Light(), MOMENT)
    assert merge(lit, again) == lit
    assert merge(again, lit) == lit
    assert merge(None, lit) is lit


def test_states_and_events_are_read_as_they_were_stored() -> None:
    assert LAMP.decode(LAMP.encode(DARK)) == DARK
    events = (Hung(DARK), Lit(True), Broken())
    assert LAMP.decode_events(msgspec.json.encode(events)) == events


def test_nouns_are_the_same_by_name() -> None:
    assert replace(LAMP, decide={}) == LAMP
    assert replace(LAMP, name="lantern") != LAMP
    assert len({LAMP, replace(LAMP, decide={})}) == 1


def test_a_search_looks_into_name_key_and_words_without_case() -> None:
    lamp = replace(LAMP, facets=lambda _: Facets("New LOGIN", words=("Straße", "")))
    found = lamp.searched(replace(DARK, key="Checkout"))
    assert found == "new login\ncheckout\nstrasse\n"
    assert all(each.casefold() in found for each in ("login", "CHECK", "STRASSE"))


def test_a_search_does_not_look_into_where_name_and_key_meet() -> None:
    lamp, named = replace(LAMP, facets=lambda _: Facets("New")), replace(DARK, key="checkout")
    assert lamp.searched(named) == "new\ncheckout"
    assert replace(lamp, digest_key=True).searched(named) == "new\n"


def test_a_moment_gives_the_same_ids_each_time_it_is_asked() -> None:
    again = Moment(MOMENT.at, MOMENT.entropy)
    for draw in (Moment.id, Moment.uuid, Moment.seed, Moment.token):
        assert draw(MOMENT, "flag", 1) == draw(again, "flag", 1)
        assert draw(MOMENT, "flag", 1) != draw(MOMENT, "flag", 2)
        assert draw(MOMENT, "flag", 1) != draw(Moment(MOMENT.at, b"other"), "flag", 1)


def test_ids_are_well_formed_and_begin_with_the_time() -> None:
    assert is_id(MOMENT.id("flag"))
    assert int(MOMENT.id("flag")[:8], 16) == MOMENT.at // 1000
    uuid = MOMENT.uuid("variation")
    assert [len(part) for part in uuid.split("-")] == [8, 4, 4, 4, 12]
    assert uuid[14] == "4"
    assert uuid[19] in "89ab"


def test_a_seed_is_never_zero_and_fits_31_bits() -> None:
    seeds = [MOMENT.seed(number) for number in range(1_000)]
    assert min(seeds) >= 1
    assert max(seeds) < 2**31
