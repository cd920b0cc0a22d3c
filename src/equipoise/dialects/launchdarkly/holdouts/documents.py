"""Shapes of holdouts. Field names are the wire's."""

from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType, field

from equipoise.dialects.launchdarkly.documents import Links
from equipoise.dialects.launchdarkly.experiments.documents import Experiment, MetricInput

Status = Literal["created", "enabled", "running", "ended"]


class HoldoutPost(Struct, frozen=True):
    """Published clients send some names in lower case alone; any case is read. `holdoutamount` is a decimal
    number as text: the percentage that is held out."""

    key: str
    holdoutamount: str
    name: str | UnsetType = UNSET
    description: str | UnsetType = UNSET
    randomizationunit: str | UnsetType = UNSET
    attributes: list[str] | UnsetType = UNSET
    primarymetrickey: str | UnsetType = UNSET
    metrics: list[MetricInput] | UnsetType = UNSET
    prerequisiteflagkey: str | UnsetType = UNSET
    maintainerId: str | UnsetType = UNSET


_NAMES = {name.lower(): name for name in HoldoutPost.__struct_fields__}


def named(body: Any) -> Any:
    """The body with its fields under the names that we read."""
    if not isinstance(body, dict):
        return body
    return {_NAMES.get(name.lower(), name): value for name, value in body.items()}


def said_twice(body: Any) -> list[str]:
    """Names, as the body spells them, under which it says what it said before in another case."""
    spelled: dict[str, str] = {}
    names = body if isinstance(body, dict) else ()
    return [
        name for name in names if spelled.setdefault(name.lower(), name) != name and name.lower() in _NAMES
    ]


class UpdateName(Struct, frozen=True, tag_field="kind", tag="updateName"):
    value: str


class UpdateDescription(Struct, frozen=True, tag_field="kind", tag="updateDescription"):
    value: str


class RemoveExperiment(Struct, frozen=True, tag_field="kind", tag="removeExperiment"):
    """`value` is the key of an experiment."""

    value: str


class EndHoldout(Struct, frozen=True, tag_field="kind", tag="endHoldout"): ...


class HoldoutPatch(Struct, frozen=True):
    """Instructions apply in order, all or none."""

    instructions: list[UpdateName | UpdateDescription | RemoveExperiment | EndHoldout]
    comment: str = ""


class Related(Struct, frozen=True):
    key: str
    name: str
    environment: str


class Holdout(Struct, frozen=True):
    id: str = field(name="_id")
    status: Status
    holdoutAmount: str
    createdAt: int
    updatedAt: int
    baseExperiment: Experiment
    experiments: list[Related]
    description: str | UnsetType = UNSET


class HoldoutDetail(Struct, frozen=True):
    """`isDirty`: it is in force, and an experiment that joined it runs."""

    id: str = field(name="_id")
    status: Status
    holdoutAmount: str
    createdAt: int
    updatedAt: int
    baseExperiment: Experiment
    isDirty: bool
    relatedExperiments: list[Experiment]
    description: str | UnsetType = UNSET


class HoldoutInList(Struct, frozen=True):
    id: str = field(name="_id")
    key: str
    name: str
    status: Status
    createdAt: int
    updatedAt: int
    experiments: list[Related]


class Holdouts(Struct, frozen=True):
    items: list[HoldoutInList]
    total_count: int
    links: Links = field(name="_links")
