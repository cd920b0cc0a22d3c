"""Layers, and what may be asked of one."""

from functools import cache

from hypothesis import strategies as st

from equipoise.domain.change import Command
from equipoise.domain.gates import salted
from equipoise.domain.labels import Delete, Describe, Rename
from equipoise.domain.layer.commands import Release, Reserve, Vacate
from equipoise.domain.layer.state import BOUNDS, Layer, Reservation
from tests.properties.strategies.basics import (
    ids,
    keys,
    label_commands,
    mostly,
    sound_keys,
    sound_names,
    sound_texts,
    times,
)

ENVIRONMENTS = ("live", "test")


@cache
@st.composite
def layers(draw: st.DrawFn) -> Layer:
    """Something may be reserved already."""
    reserved = (Reservation("live", "a", ((0, 20_000), (50_000, 60_000))), Reservation("live", "b-1"))
    return Layer(
        id=draw(ids()),
        project=draw(sound_keys()),
        key=draw(sound_keys()),
        name=draw(sound_names()),
        created_at=draw(times()),
        salt=salted(draw(ids()), BOUNDS),
        reservations=draw(st.sampled_from(((), reserved))),
        description=draw(sound_texts()),
    )


@cache
def layer_commands() -> st.SearchStrategy[Command]:
    environments = st.sampled_from(ENVIRONMENTS)
    reserve = st.builds(Reserve, environments, keys(), mostly(st.integers(0, 40), st.integers(-5, 105)))
    return st.one_of(
        reserve,
        reserve,
        label_commands(Rename, Describe),
        st.builds(Release, environments, keys()),
        mostly(st.builds(Vacate, environments), st.just(Delete())),
    )
