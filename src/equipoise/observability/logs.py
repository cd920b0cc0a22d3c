"""Logs: one line for each change. Structured, to standard error, as JSON or for a console."""

import logging
import sys
from collections.abc import MutableMapping, Sequence
from typing import Any, TextIO

import msgspec
import structlog
from structlog.tracebacks import ExceptionDictTransformer
from structlog.typing import Processor

SECRET_FIELDS = frozenset(
    {"authorization", "credential", "secret", "token", "password", "secret_key", "admin_token", "sdk_key"}
)
_LEVELS = {"changed": logging.INFO, "Conflict": logging.WARNING}


def set_up(format: str, level: str, output: TextIO | None = None) -> None:
    """Everything that is logged in this process, ours or a library's, looks alike and goes one way."""
    shared: list[Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    output = output or sys.stderr
    rendering = _rendering(format)
    root = logging.getLogger()
    root.handlers = [logging.StreamHandler(output)]
    root.handlers[0].setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.ExtraAdder(), redact],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *rendering],
        )
    )
    root.setLevel(level.upper())
    for noisy in ("uvicorn.error", "httpx", "alembic"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, root.level))
    # ours need not pass through the standard library, which takes three times as long
    structlog.configure(
        processors=[*shared, redact, *rendering],
        logger_factory=structlog.WriteLoggerFactory(output),
        wrapper_class=structlog.make_filtering_bound_logger(root.level),
        cache_logger_on_first_use=False,
    )


def log_change(
    dialect: str,
    ending: str,
    principal: str,
    request: str,
    seconds: float,
    subjects: Sequence[tuple[str, int]],
) -> None:
    """The line of one change: what was changed at INFO, what was not below it.

    subjects  (name, revision) of each
    """
    first: dict[str, Any] = {}
    if subjects:
        first = {"subject": subjects[0][0], "revision": subjects[0][1]}
    if len(subjects) > 1:
        first["others"] = ", ".join(f"{name} @{revision}" for name, revision in subjects[1:])
    structlog.get_logger("equipoise.changes").log(
        _LEVELS.get(ending, logging.DEBUG),
        "change",
        dialect=dialect,
        ending=ending,
        principal=principal,
        **first,
        request=request,
        duration_ms=round(seconds * 1000, 2),
    )


def redact(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Blanks fields that are secrets by name, should one ever get this far."""
    for name in SECRET_FIELDS & line.keys():
        line[name] = "…"
    return line


def _rendering(format: str) -> list[Processor]:
    """Traces without local variables: those may be secrets."""
    if format == "json":
        trace = structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False))
        return [trace, structlog.processors.JSONRenderer(_json)]
    return [structlog.processors.format_exc_info, _readable]


def _json(line: Any, **_: Any) -> str:
    return msgspec.json.encode(line, enc_hook=repr).decode()


def _readable(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> str:
    """Time, level, event, then name=value; a trace on lines of its own."""
    trace = line.pop("exception", "")
    first = f"{line.pop('timestamp')} {line.pop('level'):8}{line.pop('event')}"
    rest = (f"{name}={_quoted(value)}" for name, value in line.items())
    return " ".join((first, *rest)) + (f"\n{trace}" if trace else "")


def _quoted(value: Any) -> str:
    text = str(value)
    return text if text.isprintable() and " " not in text and text else _json(text)
