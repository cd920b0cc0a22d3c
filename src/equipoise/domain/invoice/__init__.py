"""Invoices: what a provider asks money for. Kept and answered; nothing is ever collected here."""

from equipoise.domain.change import Noun
from equipoise.domain.invoice.commands import Create
from equipoise.domain.invoice.decide import DECIDE
from equipoise.domain.invoice.evolve import EVOLVE
from equipoise.domain.invoice.state import Invoice, facets

INVOICE = Noun("invoice", Invoice, Create, DECIDE, EVOLVE, facets)

__all__ = ["INVOICE"]
