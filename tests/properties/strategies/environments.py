"""Environments, and what may be asked of one."""

from functools import cache

from hypothesis import strategies as st

from equipoise.domain.change import Command
from equipoise.domain.environment.commands import (
    Configure,
    Paint,
    ReplaceMobileKey,
    ReplaceSdkKey,
)
from equipoise.domain.environment.state import Environment, SealedKey
from equipoise.domain.labels import Annotate, Delete, Rename, Tag
from tests.properties.strategies.basics import (
    annotations,
    ids,
    label_commands,
    mostly,
    sealed_keys,
    sound_keys,
    sound_names,
    sound_tags,
    times,
)

_COLORS = st.sampled_from(("417505", "ffffff", "000000", "aB09fF"))


@cache
def environments() -> st.SearchStrategy[Environment]:
    """Sound ones."""
    return st.builds(
        Environment,
        id=ids(),
        project=sound_keys(),
        key=sound_keys(),
        name=sound_names(),
        created_at=times(),
        sdk_key=sealed_keys(),
        mobile_key=sealed_keys(),
        revision=st.just(0),
        color=_COLORS,
        tags=sound_tags(),
        ttl_minutes=st.integers(0, 60),
        annotations=annotations(),
    )


@cache
def environment_commands() -> st.SearchStrategy[Command]:
    switch = st.none() | st.booleans()
    ttl = st.none() | mostly(st.integers(0, 60), st.integers())
    return st.one_of(
        label_commands(Rename, Tag, Annotate),
        mostly(label_commands(Rename), st.just(Delete())),
        st.builds(Paint, mostly(_COLORS, st.text(max_size=7))),
        st.builds(Configure, ttl, switch, switch, switch, switch, switch),
        st.builds(ReplaceSdkKey, mostly(sealed_keys(), st.just(SealedKey("", "")))),
        st.builds(ReplaceMobileKey, mostly(sealed_keys(), st.just(SealedKey("sealed", "")))),
    )
