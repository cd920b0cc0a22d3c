"""Hypothesis strategies for the nouns: `<noun>s()` draws sound births, `<noun>_commands()` what may come."""

from tests.properties.strategies.catalog import catalog_entries, catalog_entry_commands
from tests.properties.strategies.config_stores import config_store_commands, config_stores
from tests.properties.strategies.environments import environment_commands, environments
from tests.properties.strategies.flags import flag_commands, flags
from tests.properties.strategies.holdouts import holdout_commands, holdouts
from tests.properties.strategies.installations import installation_commands, installations
from tests.properties.strategies.invoices import invoice_commands, invoices
from tests.properties.strategies.layers import layer_commands, layers
from tests.properties.strategies.metrics import metric_commands, metrics
from tests.properties.strategies.projects import project_commands, projects
from tests.properties.strategies.resources import resource_commands, resources
from tests.properties.strategies.segments import segment_commands, segments
from tests.properties.strategies.statements import statement_commands, statements
from tests.properties.strategies.tokens import token_commands, tokens

__all__ = [
    "catalog_entries",
    "catalog_entry_commands",
    "config_store_commands",
    "config_stores",
    "environment_commands",
    "environments",
    "flag_commands",
    "flags",
    "holdout_commands",
    "holdouts",
    "installation_commands",
    "installations",
    "invoice_commands",
    "invoices",
    "layer_commands",
    "layers",
    "metric_commands",
    "metrics",
    "project_commands",
    "projects",
    "resource_commands",
    "resources",
    "segment_commands",
    "segments",
    "statement_commands",
    "statements",
    "token_commands",
    "tokens",
]
