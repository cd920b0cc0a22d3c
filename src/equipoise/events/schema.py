"""The columns of each kind of file. Times are microseconds since 1970, UTC; a row is (payload, ordinal)."""

from typing import Any

import pyarrow as pa

from equipoise.application.lake import Kind

_ROW = (("payload", pa.string()), ("ordinal", pa.int64()))
_UNIT = (
    ("unit_kind", pa.string()),
    ("unit", pa.string()),
    ("unit_key", pa.int64()),
    ("at", pa.int64()),
    ("received_at", pa.int64()),
)

SCHEMAS: dict[Kind, Any] = {
    Kind.EXPOSURE: pa.schema(
        (
            *_UNIT,
            ("flag", pa.string()),
            ("version", pa.int64()),
            ("rule", pa.string()),
            ("variation", pa.int64()),
            ("arm", pa.string()),
            ("experiment", pa.string()),
            ("iteration", pa.string()),
            ("phase", pa.int64()),
            ("attributes", pa.string()),
            *_ROW,
        )
    ),
    Kind.OUTCOME: pa.schema(
        (*_UNIT, ("event", pa.string()), ("value", pa.float64()), ("data", pa.string()), *_ROW)
    ),
    Kind.DEAD: pa.schema(
        (("received_at", pa.int64()), ("cause", pa.string()), ("event", pa.binary()), *_ROW)
    ),
}
# What rows of a file are sorted by, so that readers skip and join cheaply.
SORTED_BY = {Kind.EXPOSURE: "unit_key", Kind.OUTCOME: "unit_key", Kind.DEAD: "received_at"}
