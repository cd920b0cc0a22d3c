"""What holds of every noun, whatever is asked of it and in whichever order."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct
from msgspec.structs import replace

from equipoise.domain.catalog import CATALOG_ENTRY
from equipoise.domain.change import Command, Moment, Noun, Outcome, apply, fold
from equipoise.domain.config_store import CONFIG_STORE
from equipoise.domain.environment import ENVIRONMENT
from equipoise.domain.errors import DomainError
from equipoise.domain.flag import FLAG
from equipoise.domain.holdout import HOLDOUT
from equipoise.domain.installation import INSTALLATION
from equipoise.domain.installation.commands import Introduce, NumberInvoice, Redeem, Tell
from equipoise.domain.invoice import INVOICE
from equipoise.domain.invoice.commands import RequestRefund
from equipoise.domain.layer import LAYER
from equipoise.domain.metric import METRIC
from equipoise.domain.project import PROJECT
from equipoise.domain.resource import RESOURCE
from equipoise.domain.segment import SEGMENT
from equipoise.domain.statement import STATEMENT
from equipoise.domain.token import TOKEN
from tests.properties import strategies

BORN_AT = 1_700_000_000_000
STEPS_MAX = 12


class Life(Struct, frozen=True):
    """How subjects of one noun come to be, and what may be asked of one.

    anew  commands that, asked again, ask for something more
    """

    noun: Noun[Any]
    births: Callable[[], st.SearchStrategy[Any]]
    commands: Callable[[Any], st.SearchStrategy[Command]]
    anew: tuple[type[Command], ...] = ()

    def __repr__(self) -> str:
        return self.noun.name


class Step(Struct, frozen=True):
    """One command and what came of it; no outcome where it was refused."""

    before: Any
    command: Command
    moment: Moment
    outcome: Outcome[Any] | None


LIVES = (
    Life(FLAG, strategies.flags, strategies.flag_commands),
    Life(PROJECT, strategies.projects, lambda _: strategies.project_commands()),
    Life(ENVIRONMENT, strategies.environments, lambda _: strategies.environment_commands()),
    Life(METRIC, strategies.metrics, lambda _: strategies.metric_commands()),
    Life(SEGMENT, strategies.segments, strategies.segment_commands),
    Life(LAYER, strategies.layers, lambda _: strategies.layer_commands()),
    Life(HOLDOUT, strategies.holdouts, lambda _: strategies.holdout_commands()),
    Life(TOKEN, strategies.tokens, lambda _: strategies.token_commands()),
    Life(
        INSTALLATION,
        strategies.installations,
        strategies.installation_commands,
        anew=(Introduce, NumberInvoice, Redeem, Tell),
    ),
    Life(RESOURCE, strategies.resources, lambda _: strategies.resource_commands()),
    Life(CONFIG_STORE, strategies.config_stores, lambda _: strategies.config_store_commands()),
    Life(CATALOG_ENTRY, strategies.catalog_entries, lambda _: strategies.catalog_entry_commands()),
    Life(INVOICE, strategies.invoices, lambda _: strategies.invoice_commands(), anew=(RequestRefund,)),
    Life(STATEMENT, strategies.statements, strategies.statement_commands),
)

every_noun = pytest.mark.parametrize("life", LIVES, ids=repr)


@st.composite
def _steps(draw: st.DrawFn, life: Life) -> tuple[Step, ...]:
    """A birth and what follows, to the end of the subject at the latest."""
    born = life.noun.birth(draw(life.births()))
    steps = [_step(life.noun, None, born, 0)]
    for number in range(1, draw(st.integers(1, STEPS_MAX)) + 1):
        now = _after(steps[-1])
        if now is None:
            break
        steps.append(_step(life.noun, now, draw(life.commands(now)), number))
    return tuple(steps)


def _step(noun: Noun[Any], now: Any, command: Command, number: int) -> Step:
    moment = Moment(BORN_AT + number * 1_000, b"%d" % number)
    try:
        return Step(now, command, moment, apply(noun, now, command, moment))
    except DomainError:
        return Step(now, command, moment, None)


def _after(step: Step) -> Any:
    return step.before if step.outcome is None else step.outcome.after


@every_noun
@given(data=st.data())
def test_stored_events_rebuild_every_state(life: Life, data: st.DataObject) -> None:
    now = None
    for step in data.draw(_steps(life)):
        if step.outcome is not None:
            stored = msgspec.json.encode(step.outcome.events)
            events = life.noun.decode_events(stored)
            assert events == step.outcome.events
            now = fold(life.noun, now, events, step.moment.at)
        assert now == _after(step)


@every_noun
@given(data=st.data())
def test_every_state_is_read_as_it_was_stored(life: Life, data: st.DataObject) -> None:
    for step in data.draw(_steps(life)):
        now = _after(step)
        if now is not None:
            stored = life.noun.encode(now)
            read = life.noun.decode(stored)
            assert read == now
            assert life.noun.encode(read) == life.noun.encode(life.noun.decode(stored))
            assert life.noun.facets(read) == life.noun.facets(now)


@every_noun
@given(data=st.data())
def test_the_revision_counts_the_changes(life: Life, data: st.DataObject) -> None:
    for step in data.draw(_steps(life)):
        now = _after(step)
        changed = step.outcome is not None and bool(step.outcome.events)
        if now is not None:
            before = 0 if step.before is None else step.before.revision
            assert now.revision == before + changed
            assert changed or now is step.before


@every_noun
@given(data=st.data())
def test_a_command_leaves_the_state_that_it_is_asked_of(life: Life, data: st.DataObject) -> None:
    birth, *steps = data.draw(_steps(life))
    assert birth.outcome is not None
    for step in steps:
        stored = life.noun.encode(step.before)
        _step(life.noun, step.before, step.command, 99)
        assert life.noun.encode(step.before) == stored


@every_noun
@given(data=st.data())
def test_asked_again_a_command_changes_nothing(life: Life, data: st.DataObject) -> None:
    _birth, *steps = data.draw(_steps(life))
    for step in steps:
        now = _after(step)
        again = not isinstance(step.command, life.anew)
        if step.outcome is not None and now is not None and again:
            assert apply(life.noun, now, step.command, step.moment).events == ()


@every_noun
@given(data=st.data())
def test_what_can_be_reached_could_have_been_born(life: Life, data: st.DataObject) -> None:
    for step in data.draw(_steps(life)):
        now = _after(step)
        if now is not None:
            newborn = replace(now, version=1) if life.noun is METRIC else now
            reborn = apply(life.noun, None, life.noun.birth(newborn), Moment(0, b"")).after
            assert reborn == replace(newborn, revision=1, touched_at=0)
