"""Config stores, and what may be asked of one."""

from functools import cache
from typing import Any

from hypothesis import strategies as st

from equipoise.domain.change import Command
from equipoise.domain.config_store.commands import Push
from equipoise.domain.config_store.state import ConfigStore
from equipoise.domain.labels import Delete
from equipoise.domain.limits import CONFIG_STORE_BYTES_MAX
from tests.properties.strategies.basics import (
    ids,
    json_objects,
    json_values,
    mostly,
    sound_keys,
    sound_texts,
    times,
)


@cache
def config_stores() -> st.SearchStrategy[ConfigStore]:
    """Sound ones."""
    return st.builds(
        ConfigStore,
        id=ids(),
        installation=sound_keys(),
        resource=sound_texts(),
        project=sound_keys(),
        environment=sound_keys(),
        created_at=times(),
        updated_at=times(),
        items=_sound_items(),
    )


@cache
def config_store_commands() -> st.SearchStrategy[Command]:
    sizes = mostly(st.just(CONFIG_STORE_BYTES_MAX), st.integers(0, 32))
    push = st.builds(Push, mostly(_sound_items(), json_objects()), sizes)
    return mostly(push, st.just(Delete()))


@cache
def _sound_items() -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(st.sampled_from(("flags", "a-1", "_", "B")), json_values(), max_size=3)
