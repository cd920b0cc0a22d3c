"""The contract of OpenFeature's Remote Evaluation Protocol."""

from functools import cached_property
from typing import Any

import yaml

from tests.contracts.openapi import OpenApi, shared

GENERAL = {"$ref": "#/components/schemas/generalErrorResponse"}
WORDLESS = ("401", "403", "429", "503")  # refused, and nothing published on what is said then


class Contract(OpenApi):
    """`oneOf` is read as `anyOf`: as published, no value is of one type alone (a whole number is a float as
    well, and everything is a flag that leaves its value to the application)."""

    @cached_property
    def document(self) -> Any:
        if self.path is None:
            return {"paths": {}}
        said = _any_of(yaml.safe_load(self.path.read_text()))
        content = {"application/json": {"schema": GENERAL}}
        for path in said["paths"].values():
            answers = path["post"]["responses"]
            answers |= {status: {**answers.get(status, {}), "content": content} for status in WORDLESS}
        return said

    def schema(self, name: str) -> dict[str, Any]:
        """One of its schemas, whole; {} where the file is not at hand."""
        components = self.document.get("components")
        return {"$ref": f"#/components/schemas/{name}", "components": components} if components else {}


def _any_of(node: Any) -> Any:
    if isinstance(node, list):
        return [_any_of(each) for each in node]
    if not isinstance(node, dict):
        return node
    return {"anyOf" if name == "oneOf" else name: _any_of(each) for name, each in node.items()}


CONTRACT = Contract(shared(), "ofrep.openapi.yaml", "generalErrorResponse")
