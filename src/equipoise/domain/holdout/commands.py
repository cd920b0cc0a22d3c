"""What may be asked of a holdout."""

from equipoise.domain.change import Command
from equipoise.domain.holdout.state import Holdout


class Create(Command, frozen=True):
    """`holdout` whole, revision 0."""

    holdout: Holdout


class End(Command, frozen=True):
    """It holds nobody out any more: of experiments that run, from their next phase on."""
