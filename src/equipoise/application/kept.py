"""The last few of something, by key."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class Kept(Generic[T]):
    """Remembers what was made, up to so many; what was not asked for longest goes first."""

    def __init__(self, most: int) -> None:
        self._most, self._lock = most, Lock()
        self._items: OrderedDict[Hashable, T] = OrderedDict()

    def known(self, key: Hashable) -> T | None:
        with self._lock:
            if key not in self._items:
                return None
            self._items.move_to_end(key)
            return self._items[key]

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        found = self.known(key)
        if found is not None:
            return found
        made = make()
        self.put(key, made)
        return made

    def put(self, key: Hashable, made: T) -> None:
        with self._lock:
            self._items[key] = made
            self._items.move_to_end(key)
            while len(self._items) > self._most:
                self._items.popitem(last=False)
