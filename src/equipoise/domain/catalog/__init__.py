"""Catalog entries: experiments and flags of others, as their providers publish them."""

from equipoise.domain.catalog.commands import Create
from equipoise.domain.catalog.decide import DECIDE
from equipoise.domain.catalog.evolve import EVOLVE
from equipoise.domain.catalog.state import CatalogEntry, facets
from equipoise.domain.change import Noun

CATALOG_ENTRY = Noun("catalog entry", CatalogEntry, Create, DECIDE, EVOLVE, facets, digest_key=True)

__all__ = ["CATALOG_ENTRY"]
