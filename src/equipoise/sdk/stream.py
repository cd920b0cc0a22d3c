"""Server-sent events as they come, in pieces of any size."""

from collections.abc import Iterator


class Reader:
    """One stream. Comments, which are heartbeats, give nothing."""

    def __init__(self) -> None:
        self._rest = b""
        self._name = ""
        self._data: list[bytes] = []

    def take(self, piece: bytes) -> Iterator[tuple[str, bytes]]:
        """Name and data of each event that this piece completes."""
        *lines, self._rest = (self._rest + piece).split(b"\n")
        for line in lines:
            line = line.removesuffix(b"\r")
            if line:
                self._field(line)
            elif self._data:
                yield self._name, b"\n".join(self._data)
                self._name, self._data = "", []

    def _field(self, line: bytes) -> None:
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if field == b"event":
            self._name = value.decode(errors="replace")
        elif field == b"data":
            self._data.append(value)
