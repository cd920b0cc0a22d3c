"""The columns of each kind of file. Times are microseconds since 1970, UTC; a row is (payload, ordinal).

Text is large in memory, so that a column may hold more than 2 GiB; in a file it is text like any other.
"""

from typing import Any

import pyarrow as pa

from equipoise.application.lake import Kind

_ROW = (("payload", pa.large_string()), ("ordinal", pa.int64()))
_UNIT = (
    ("unit_kind", pa.large_string()),
    ("unit", pa.large_string()),
    ("unit_key", pa.int64()),
    ("at", pa.int64()),
    ("received_at", pa.int64()),
)

SCHEMAS: dict[Kind, Any] = {
    Kind.EXPOSURE: pa.schema(
        (
            *_UNIT,
            ("flag", pa.large_string()),
            ("version", pa.int64()),
            ("rule", pa.large_string()),
            ("variation", pa.int64()),
            ("arm", pa.large_string()),
            ("experiment", pa.large_string()),
            ("iteration", pa.large_string()),
            ("phase", pa.int64()),
            ("attributes", pa.large_string()),
            *_ROW,
        )
    ),
    Kind.OUTCOME: pa.schema(
        (*_UNIT, ("event", pa.large_string()), ("value", pa.float64()), ("data", pa.large_string()), *_ROW)
    ),
    Kind.DEAD: pa.schema(
        (("received_at", pa.int64()), ("cause", pa.large_string()), ("event", pa.large_binary()), *_ROW)
    ),
}
# What rows of a file are sorted by, so that readers skip and join cheaply.
SORTED_BY = {Kind.EXPOSURE: "unit_key", Kind.OUTCOME: "unit_key", Kind.DEAD: "received_at"}
# Columns in which hardly a value is there twice: a dictionary of them is work for nothing.
UNIQUE = frozenset({"unit", "unit_key", "data"})
