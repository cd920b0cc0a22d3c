"""Config stores: values that a provider pushes for applications to read."""

from equipoise.domain.change import Noun
from equipoise.domain.config_store.commands import Create
from equipoise.domain.config_store.decide import DECIDE
from equipoise.domain.config_store.evolve import EVOLVE
from equipoise.domain.config_store.state import ConfigStore, facets

CONFIG_STORE = Noun("config store", ConfigStore, Create, DECIDE, EVOLVE, facets)

__all__ = ["CONFIG_STORE"]
