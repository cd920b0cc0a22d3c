"""Statements, and what may be asked of one."""

from functools import cache

from hypothesis import strategies as st

from equipoise.domain.change import Command
from equipoise.domain.labels import Delete
from equipoise.domain.statement.commands import Restate
from equipoise.domain.statement.state import BALANCES, USAGE, Statement
from tests.properties.strategies.basics import ids, json_objects, mostly, sound_keys, times


@cache
@st.composite
def statements(draw: st.DrawFn) -> Statement:
    """Sound ones."""
    kind = draw(st.sampled_from((USAGE, BALANCES)))
    return Statement(
        id=draw(ids()),
        installation=draw(sound_keys()),
        project=draw(sound_keys()),
        environment=draw(sound_keys()),
        kind=kind,
        created_at=draw(times()),
        said_at=draw(times()),
        document=draw(json_objects()),
        day=draw(st.dates()).isoformat() if kind == USAGE else "",
    )


def statement_commands(now: Statement) -> st.SearchStrategy[Command]:
    """About the time of what is known, so that some are older and some are as old."""
    near = st.integers(-2, 3).map(lambda step: now.said_at + step)
    restate = st.builds(Restate, near | times(), json_objects() | st.just(now.document))
    return mostly(restate, st.just(Delete()))
