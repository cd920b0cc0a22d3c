"""Hypothesis strategies for the nouns: `<noun>s()` draws sound births, `<noun>_commands()` what may come."""

from tests.properties.strategies.environments import environment_commands, environments
from tests.properties.strategies.flags import flag_commands, flags
from tests.properties.strategies.metrics import metric_commands, metrics
from tests.properties.strategies.projects import project_commands, projects
from tests.properties.strategies.segments import segment_commands, segments
from tests.properties.strategies.tokens import token_commands, tokens

__all__ = [
    "environment_commands",
    "environments",
    "flag_commands",
    "flags",
    "metric_commands",
    "metrics",
    "project_commands",
    "projects",
    "segment_commands",
    "segments",
    "token_commands",
    "tokens",
]
