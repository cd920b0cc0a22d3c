"""All nouns, by name: what can be loaded, changed, stored and logged."""

from collections.abc import Mapping
from typing import Any

from equipoise.domain.catalog import CATALOG_ENTRY
from equipoise.domain.change import Noun
from equipoise.domain.config_store import CONFIG_STORE
from equipoise.domain.environment import ENVIRONMENT
from equipoise.domain.experiment import EXPERIMENT
from equipoise.domain.flag import FLAG
from equipoise.domain.holdout import HOLDOUT
from equipoise.domain.installation import INSTALLATION
from equipoise.domain.invoice import INVOICE
from equipoise.domain.layer import LAYER
from equipoise.domain.metric import METRIC
from equipoise.domain.project import PROJECT
from equipoise.domain.resource import RESOURCE
from equipoise.domain.segment import SEGMENT
from equipoise.domain.statement import STATEMENT
from equipoise.domain.token import TOKEN

_OURS: tuple[Noun[Any], ...] = (
    PROJECT,
    ENVIRONMENT,
    TOKEN,
    FLAG,
    METRIC,
    SEGMENT,
    EXPERIMENT,
    LAYER,
    HOLDOUT,
)
_PROVIDERS: tuple[Noun[Any], ...] = (
    INSTALLATION,
    RESOURCE,
    CONFIG_STORE,
    CATALOG_ENTRY,
    INVOICE,
    STATEMENT,
)

NOUNS: Mapping[str, Noun[Any]] = {noun.name: noun for noun in (*_OURS, *_PROVIDERS)}
