"""Decoded states, kept by subject and revision: frozen, so that all may share them."""

from collections import OrderedDict
from threading import Lock
from typing import Any, TypeVar

from equipoise.domain.change import Noun, State

S = TypeVar("S", bound=State)

DOCUMENT_CHARACTERS_MAX = 16 * 1024 * 1024


class Decoded:
    """The states used last, as far as their documents have `most` characters together.

    Only what is committed may come in: a revision that was rolled back is given again.
    """

    def __init__(self, most: int = DOCUMENT_CHARACTERS_MAX) -> None:
        self._most = most
        self._characters = 0
        self._states: OrderedDict[tuple[str, str, int], tuple[Any, int]] = OrderedDict()
        self._guard = Lock()

    def of(self, noun: Noun[S], id: str, revision: int, document: str) -> S:
        """The state of that revision, decoded once."""
        name = (noun.name, id, revision)
        with self._guard:
            known = self._states.get(name)
            if known is not None:
                self._states.move_to_end(name)
                state: S = known[0]
                return state
        state = noun.decode(document)
        self.put(noun, id, state, len(document))
        return state

    def put(self, noun: Noun[S], id: str, state: S, characters: int) -> None:
        name = (noun.name, id, state.revision)
        with self._guard:
            if name in self._states:
                return
            self._states[name] = state, characters
            self._characters += characters
            while self._characters > self._most:
                _, (_, dropped) = self._states.popitem(last=False)
                self._characters -= dropped
