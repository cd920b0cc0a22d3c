"""How a client is."""

from enum import StrEnum

from msgspec import Struct


class State(StrEnum):
    STARTING = "starting"  # nothing has been received yet
    STREAMING = "streaming"
    POLLING = "polling"  # streams do not hold
    INTERRUPTED = "interrupted"  # what was received last, or read from the file, is served
    OFFLINE = "offline"  # told to talk to no server
    CLOSED = "closed"


class Status(Struct, frozen=True):
    """ready  whether there is a ruleset to evaluate
    problem   what went wrong last; "" when nothing did since
    waiting   events that are not sent yet
    dropped   events that were given up: the buffer was full, or the server refused them
    """

    state: State
    ready: bool
    problem: str
    waiting: int
    dropped: int
