"""Resources, and what may be asked of one."""

from functools import cache

from hypothesis import strategies as st

from equipoise.domain.change import Command
from equipoise.domain.installation.state import STATUSES, UNINSTALLED
from equipoise.domain.labels import Delete
from equipoise.domain.resource.commands import Configure, SetSecrets
from equipoise.domain.resource.state import OWNERSHIPS, Resource, Secret
from tests.properties.strategies.basics import (
    SHORT,
    ids,
    json_objects,
    json_values,
    mostly,
    sealed_keys,
    sound_keys,
    sound_names,
    sound_texts,
    texts,
    times,
    unsaid,
)

_INSTALLED = tuple(status for status in STATUSES if status != UNINSTALLED)
_NAMES = ("API_KEY", "URL", "n")


@cache
def resources() -> st.SearchStrategy[Resource]:
    """Sound ones."""
    return st.builds(
        Resource,
        id=ids(),
        installation=sound_keys(),
        provided=sound_names(),
        project=sound_keys(),
        environment=sound_keys(),
        created_at=times(),
        product=sound_texts(),
        name=sound_texts(),
        status=st.sampled_from(_INSTALLED),
        store=ids(),
        read_key=sealed_keys(),
        ownership=st.sampled_from(OWNERSHIPS),
        metadata=json_objects(),
        billing_plan=json_values(),
        notification=json_values(),
        extras=json_objects(),
        secrets=_sound_secrets(),
    )


@cache
def resource_commands() -> st.SearchStrategy[Command]:
    statuses = mostly(st.sampled_from(_INSTALLED), st.just(UNINSTALLED) | SHORT)
    configure = st.builds(
        Configure,
        unsaid(texts()),
        unsaid(texts()),
        unsaid(statuses),
        unsaid(mostly(st.sampled_from(OWNERSHIPS), SHORT)),
        unsaid(json_objects()),
        unsaid(json_values()),
        unsaid(json_values()),
        unsaid(json_objects()),
    )
    secrets = st.builds(Secret, mostly(st.sampled_from(_NAMES), st.just("")), SHORT, texts())
    return st.one_of(
        configure,
        st.builds(SetSecrets, _sound_secrets()),
        st.builds(SetSecrets, st.lists(secrets, max_size=3).map(tuple)),
        mostly(configure, st.just(Delete())),
    )


@cache
def _sound_secrets() -> st.SearchStrategy[tuple[Secret, ...]]:
    overrides = st.dictionaries(sound_keys(), ids(), max_size=2)
    secrets = st.builds(Secret, st.sampled_from(_NAMES), ids(), sound_texts(), overrides)
    return st.lists(secrets, max_size=3, unique_by=lambda secret: secret.name).map(tuple)
