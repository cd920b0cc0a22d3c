"""A vendor's published contract: each answer is held against the schema of its operation.

A clone without the contract files checks less: the published clients' own models still judge every answer.
"""

import json
import os
from functools import cached_property
from pathlib import Path
from typing import Any

import jsonschema_rs

# Statuses that a contract may be silent about, and that every surface may answer (LIMITS.md).
ADDED = (400, 401, 403, 404, 405, 409, 412, 413, 422, 429)


def shared() -> Path | None:
    """The folder of contract files, or None where this clone has none."""
    folder = Path(os.environ.get("EQUIPOISE_SHARED", Path(__file__).parents[2].parent / "shared"))
    if (folder / "contracts").is_dir():
        return folder
    if os.environ.get("CI"):
        raise FileNotFoundError(f"the contract files are not at {folder}: set EQUIPOISE_SHARED")
    return None


class OpenApi:
    """Finds the operation of an exchange and validates its answer.

    file    among the contract files
    error   name of the schema of refusals
    prefix  of the paths, which the file leaves out
    """

    def __init__(self, folder: Path | None, file: str, error: str, prefix: str = "") -> None:
        self.path = folder / "contracts" / file if folder else None
        self.error, self.prefix = error, prefix

    @cached_property
    def document(self) -> Any:
        return json.loads(self.path.read_text()) if self.path else {"paths": {}}

    @property
    def error_schema(self) -> dict[str, Any]:
        """Of every refusal; {} where the file is not at hand."""
        components = self.document.get("components")
        if components is None:
            return {}
        return {"$ref": f"#/components/schemas/{self.error}", "components": components}

    def check(self, method: str, path: str, status: int, body: bytes) -> None:
        """Raises AssertionError when the answer is not as published."""
        if self.path is None:
            return
        operation = self._operation(method, path)
        declared = operation["responses"].get(str(status))
        if declared is None:
            assert status in ADDED, f"{method} {path} answered {status}, which is not declared"
            schema = {"$ref": f"#/components/schemas/{self.error}"}
        else:
            schema = declared.get("content", {}).get("application/json", {}).get("schema")
        if method == "HEAD" or schema is None:
            assert not body, f"{method} {path} answered {status} with a body: {body[:200]!r}"
            return
        errors = [
            f"{'/'.join(map(str, error.instance_path))}: {error.message}"
            for error in self._validator(json.dumps(schema)).iter_errors(json.loads(body))
        ]
        assert not errors, f"{method} {path} {status}: {errors[:5]}"

    def _operation(self, method: str, path: str) -> Any:
        segments = path.removeprefix(self.prefix).strip("/").split("/")
        found = [
            (sum(part.startswith("{") for part in template.strip("/").split("/")), operations[method.lower()])
            for template, operations in self.document["paths"].items()
            if method.lower() in operations and _fits(template.strip("/").split("/"), segments)
        ]
        assert found, f"{method} {path} is not in the contract"
        return min(found, key=lambda each: each[0])[1]

    def _validator(self, schema: str) -> Any:
        whole = {**_nullable(json.loads(schema)), "components": _nullable(self.document["components"])}
        return jsonschema_rs.validator_for(whole)


def _fits(template: list[str], segments: list[str]) -> bool:
    return len(template) == len(segments) and all(
        part.startswith("{") or part == segment for part, segment in zip(template, segments, strict=True)
    )


def _nullable(node: Any) -> Any:
    """OpenAPI 3.0's `nullable`, as JSON Schema says it."""
    if isinstance(node, list):
        return [_nullable(each) for each in node]
    if not isinstance(node, dict):
        return node
    kept = {name: _nullable(each) for name, each in node.items() if name != "nullable"}
    if node.get("nullable") is True and isinstance(kept.get("type"), str):
        kept["type"] = [kept["type"], "null"]
    return kept
