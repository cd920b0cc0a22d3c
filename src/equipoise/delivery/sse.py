"""Server-sent events as bytes."""

MEDIA_TYPE = "text/event-stream"
# Without the last two a proxy may hold events back.
HEADERS = (
    ("Content-Type", f"{MEDIA_TYPE}; charset=utf-8"),
    ("Cache-Control", "no-cache"),
    ("X-Accel-Buffering", "no"),
)
HEARTBEAT = b":\n\n"


def event(name: str, data: bytes) -> bytes:
    """One event. The data are one line, as compact JSON is."""
    return b"event: " + name.encode() + b"\ndata: " + data + b"\n\n"
