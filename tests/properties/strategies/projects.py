"""Projects, and what may be asked of one."""

from functools import cache

from hypothesis import strategies as st

from equipoise.domain.change import Command
from equipoise.domain.labels import Annotate, Delete, Rename, Tag
from equipoise.domain.project.commands import PutContextKind, SetAvailability, SetUnits
from equipoise.domain.project.state import ContextKind, Project, RandomizationUnit, newborn_rooms
from tests.properties.strategies.basics import (
    annotations,
    ids,
    keys,
    label_commands,
    mostly,
    names,
    sound_keys,
    sound_names,
    sound_tags,
    texts,
    times,
)


@cache
@st.composite
def projects(draw: st.DrawFn) -> Project:
    """Sound ones, as they are born."""
    at = draw(times())
    kinds, units = newborn_rooms(at)
    return Project(
        id=draw(ids()),
        key=draw(sound_keys()),
        name=draw(sound_names()),
        created_at=at,
        tags=draw(sound_tags()),
        client_side=draw(st.booleans()),
        context_kinds=kinds,
        units=draw(st.sampled_from((units, units[:1], ()))),
        annotations=draw(annotations()),
    )


@cache
def project_commands() -> st.SearchStrategy[Command]:
    booleans = st.booleans()
    kinds = st.builds(
        ContextKind,
        key=keys(),
        name=names(),
        created_at=times(),
        changed_at=times(),
        version=st.integers(0, 9),
        description=texts(),
        hidden=booleans,
        archived=mostly(st.just(False), st.just(True)),
    )
    units = st.lists(st.builds(RandomizationUnit, keys(), booleans), max_size=3).map(tuple)
    return st.one_of(
        label_commands(Rename, Tag, Annotate),
        mostly(label_commands(Rename), st.just(Delete())),
        st.builds(SetAvailability, booleans, booleans),
        st.builds(PutContextKind, kinds),
        st.builds(SetUnits, units),
    )
