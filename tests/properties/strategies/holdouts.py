"""Holdouts, and what may be asked of one."""

from functools import cache

from hypothesis import strategies as st

from equipoise.domain.allocation import SHARE_WHOLE
from equipoise.domain.change import Command
from equipoise.domain.experiment.state import MetricUse
from equipoise.domain.gates import salted
from equipoise.domain.holdout.commands import End
from equipoise.domain.holdout.state import Holdout
from equipoise.domain.labels import Delete, Describe, Rename
from tests.properties.strategies.basics import (
    ids,
    label_commands,
    mostly,
    sound_keys,
    sound_names,
    sound_texts,
    times,
)


@cache
@st.composite
def holdouts(draw: st.DrawFn) -> Holdout:
    metrics = draw(st.lists(sound_keys(), max_size=3, unique=True))
    return Holdout(
        id=draw(ids()),
        project=draw(sound_keys()),
        environment=draw(sound_keys()),
        key=draw(sound_keys()),
        name=draw(sound_names()),
        created_at=draw(times()),
        share=draw(st.integers(1, SHARE_WHOLE - 1)),
        unit=draw(sound_keys()),
        salt=salted(draw(ids())),
        maintainer=draw(sound_texts()),
        description=draw(sound_texts()),
        metrics=tuple(map(MetricUse, metrics)),
        attributes=tuple(draw(st.lists(sound_names(), max_size=2, unique=True))),
        flag=draw(st.just("") | sound_keys()),
    )


@cache
def holdout_commands() -> st.SearchStrategy[Command]:
    return st.one_of(label_commands(Rename, Describe), mostly(st.just(End()), st.just(Delete())))
