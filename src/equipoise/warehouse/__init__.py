"""Questions about files of events, answered with moments: Ibis makes the SQL, an engine runs it."""

from equipoise.warehouse.engines import DuckDb

__all__ = ["DuckDb"]
