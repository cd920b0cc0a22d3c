"""What may be asked of a layer."""

from equipoise.domain.change import Command
from equipoise.domain.layer.state import Layer


class Create(Command, frozen=True):
    """`layer` whole, revision 0."""

    layer: Layer


class Reserve(Command, frozen=True):
    """So many whole percents of an environment's line for an experiment, both by key; 0 for none yet."""

    environment: str
    experiment: str
    percent: int


class Release(Command, frozen=True):
    """The experiment leaves; nothing where it is not in."""

    environment: str
    experiment: str


class Vacate(Command, frozen=True):
    """All of the environment's experiments leave."""

    environment: str
