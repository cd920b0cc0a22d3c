"""Installations, and what may be asked of one."""

from functools import cache

from hypothesis import strategies as st

from equipoise.domain.change import Command
from equipoise.domain.installation.commands import (
    AddToken,
    Configure,
    Finalize,
    Introduce,
    NumberInvoice,
    Redeem,
    Reinstall,
    RevokeToken,
    Tell,
)
from equipoise.domain.installation.state import STATUSES, UNINSTALLED, Code, Installation, SigningKey
from equipoise.domain.labels import Delete
from tests.properties.strategies.basics import (
    SHORT,
    digests,
    ids,
    json_values,
    mostly,
    sealed_keys,
    sound_keys,
    sound_texts,
    texts,
    times,
    unsaid,
)

_INSTALLED = tuple(status for status in STATUSES if status != UNINSTALLED)


@cache
def installations() -> st.SearchStrategy[Installation]:
    """Sound ones; some codes are too old."""
    return st.builds(
        Installation,
        id=ids(),
        key=sound_keys(),
        project=sound_keys(),
        environment=sound_keys(),
        created_at=times(),
        client=sound_keys(),
        client_secret=sealed_keys(),
        signing=st.builds(SigningKey, ids(), SHORT, SHORT),
        tokens=st.lists(digests(), max_size=3, unique=True).map(tuple),
        codes=st.lists(_codes(), max_size=3, unique_by=lambda code: code.digest).map(tuple),
        status=st.sampled_from(_INSTALLED),
        external_id=sound_texts(),
        billing_plan=json_values(),
        notification=json_values(),
        finalized_at=st.none() | times(),
    )


def installation_commands(now: Installation) -> st.SearchStrategy[Command]:
    """Mostly of tokens and codes that it has."""
    tokens = st.sampled_from(now.tokens or ("",))
    codes = st.sampled_from(tuple(code.digest for code in now.codes) or ("",))
    return st.one_of(
        _commands(),
        st.builds(AddToken, tokens),
        st.builds(RevokeToken, mostly(tokens, digests())),
        st.builds(Redeem, mostly(codes, digests())),
    )


@cache
def _commands() -> st.SearchStrategy[Command]:
    statuses = mostly(st.sampled_from(_INSTALLED), st.just(UNINSTALLED) | SHORT)
    configure = st.builds(
        Configure, unsaid(statuses), unsaid(texts()), unsaid(json_values()), unsaid(json_values())
    )
    return st.one_of(
        configure,
        st.builds(AddToken, mostly(digests(), SHORT)),
        st.builds(Introduce, mostly(_codes(), st.builds(Code, SHORT, texts(), times()))),
        st.builds(Tell, json_values()),
        st.just(Finalize()) | st.just(NumberInvoice()) | st.builds(Reinstall, sealed_keys()),
        mostly(configure, st.just(Delete())),
    )


@cache
def _codes() -> st.SearchStrategy[Code]:
    return st.builds(Code, digests(), ids(), times())
