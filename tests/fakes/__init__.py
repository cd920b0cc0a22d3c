"""Small in-memory twins of the ports in application/ports.py."""

from tests.fakes.clock import FakeClock
from tests.fakes.entropy import FakeEntropy
from tests.fakes.journal import MemoryJournal
from tests.fakes.store import MemoryStore
from tests.fakes.vault import FakeVault

__all__ = ["FakeClock", "FakeEntropy", "FakeVault", "MemoryJournal", "MemoryStore"]
