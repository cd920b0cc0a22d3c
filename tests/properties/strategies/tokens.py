"""Tokens, and what may be asked of one."""

from functools import cache

from hypothesis import strategies as st

from equipoise.domain.change import Command
from equipoise.domain.identity import Place
from equipoise.domain.labels import Delete, Describe, Rename
from equipoise.domain.token.commands import Expire, Renew, SetRole
from equipoise.domain.token.state import ACTS, ROLES, Token
from tests.properties.strategies.basics import (
    digests,
    ids,
    label_commands,
    mostly,
    sound_keys,
    sound_names,
    sound_texts,
    times,
)

FAR_AHEAD = 2**43  # milliseconds: the year 2248
_ENDINGS = st.text("wxyz", min_size=1, max_size=4)


@cache
@st.composite
def tokens(draw: st.DrawFn) -> Token:
    """Sound ones; those that expire do so far ahead."""
    at = draw(times())
    project = draw(sound_keys() | st.just(""))
    environment = draw(sound_keys() | st.just("")) if project else ""
    return Token(
        id=draw(ids()),
        digest=draw(digests()),
        ending=draw(_ENDINGS),
        role=draw(st.sampled_from(ROLES)),
        created_at=at,
        changed_at=at,
        member=draw(ids()),
        name=draw(sound_names() | st.just("")),
        description=draw(sound_texts()),
        project=project,
        environment=environment,
        acts=tuple(draw(st.lists(st.sampled_from(ACTS), unique=True))),
        home=Place(project, environment),
        service=draw(st.booleans()),
        expires_at=draw(st.none() | st.just(FAR_AHEAD)),
    )


@cache
def token_commands() -> st.SearchStrategy[Command]:
    return st.one_of(
        label_commands(Rename, Describe),
        mostly(label_commands(Rename), st.just(Delete())),
        st.builds(SetRole, mostly(st.sampled_from(ROLES), st.text(max_size=6))),
        st.builds(Renew, mostly(digests(), st.text(max_size=64)), _ENDINGS),
        st.builds(Expire, st.none() | times()),
    )
