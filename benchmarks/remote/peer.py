"""The peer: FastAPI with pydantic, the same work by hand. It runs in an environment of its own.

A request of the protocol in, a rule of two clauses, a bucket by SHA-1, an answer of the protocol out.
"""

from hashlib import sha1
from typing import Any

from fastapi import FastAPI  # type: ignore[import-not-found, unused-ignore]
from pydantic import BaseModel  # type: ignore[import-not-found, unused-ignore]

application = FastAPI()


class Request(BaseModel):  # type: ignore[misc, unused-ignore]
    context: dict[str, Any]


class Success(BaseModel):  # type: ignore[misc, unused-ignore]
    key: str
    value: bool
    reason: str
    variant: str
    metadata: dict[str, bool | str | int]


@application.post("/ofrep/v1/evaluate/flags/{key}")  # type: ignore[untyped-decorator, unused-ignore]
async def evaluate(key: str, request: Request) -> Success:
    context = request.context
    matched = context.get("country") in ("SE", "NO", "DK") and context.get("plan") == "gold"
    digits = sha1(f"{key}.salt.{context['targetingKey']}".encode()).hexdigest()[:15]
    on = int(digits, 16) / 2**60 < 0.5
    metadata: dict[str, bool | str | int] = {"version": 7}
    return Success(
        key=key,
        value=on,
        reason="SPLIT" if matched else "STATIC",
        variant="on" if on else "off",
        metadata=metadata,
    )
