"""Shapes of experiments. Field names are the wire's; of both generations, all of them."""

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from equipoise.dialects.auth0.documents import Description, Name

Status = Literal["draft", "active", "paused", "completed", "archived"]
Transition = Literal["active", "paused", "completed", "archived"]
Strategy = Literal["percentage", "segment"]
DefaultConfig = Literal["tenant", "flag"]
Flow = Literal[
    "authentication",
    "mfa_enrollment",
    "mfa_challenge",
    "password_reset",
    "passkey_enrollment",
    "all",
    "organization_selection",
    "email_verification",
    "pre_authentication",
    "login",
]

ALLOCATIONS_MAX = 20
_PERCENT = {"minimum": 0, "maximum": 100}


class AssignmentConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """What is randomised: a context kind of the project."""

    subject: str


class AllocationInput(Struct, frozen=True, forbid_unknown_fields=True):
    """Keys of the other strategy are kept, echoed, and without effect."""

    variation_id: str
    is_control: bool
    weight: Annotated[int, Meta(extra_json_schema=_PERCENT)] | UnsetType = UNSET
    segment_id: str | UnsetType = UNSET
    priority: Annotated[int, Meta(extra_json_schema={"minimum": 1})] | UnsetType = UNSET
    is_fallback: bool | UnsetType = UNSET


Allocations = Annotated[
    list[AllocationInput], Meta(extra_json_schema={"minItems": 1, "maxItems": ALLOCATIONS_MAX})
]
Levels = list[Annotated[int, Meta(extra_json_schema=_PERCENT)]]


class CreateExperiment(Struct, frozen=True, forbid_unknown_fields=True):
    name: Name
    feature_flag_id: str
    authentication_flow: Flow
    description: Description | UnsetType = UNSET
    default_config: DefaultConfig | UnsetType = UNSET
    allocation_strategy: Strategy | UnsetType = UNSET
    assignment_config: AssignmentConfig | UnsetType = UNSET
    is_stateful: bool | UnsetType = UNSET
    allocations: Allocations | UnsetType = UNSET
    levels: Levels | UnsetType = UNSET


class UpdateExperiment(Struct, frozen=True, forbid_unknown_fields=True):
    """What is not said stays. Allocations are replaced whole; the transition comes last."""

    name: Name | UnsetType = UNSET
    description: Description | UnsetType | None = UNSET
    authentication_flow: Flow | UnsetType = UNSET
    allocations: Allocations | UnsetType = UNSET
    default_config: DefaultConfig | UnsetType = UNSET
    assignment_config: AssignmentConfig | UnsetType = UNSET
    levels: Levels | UnsetType = UNSET
    status: Transition | UnsetType = UNSET


class UpdateStatus(Struct, frozen=True, forbid_unknown_fields=True):
    status: Transition


class AdvanceRamp(Struct, frozen=True, forbid_unknown_fields=True):
    target_level: Annotated[int, Meta(extra_json_schema=_PERCENT)]


# what is told


class Allocation(Struct, frozen=True):
    """Snapshots are null until the experiment is activated."""

    variation_id: str
    is_control: bool
    variation_name: str | UnsetType = UNSET
    segment_id: str | UnsetType = UNSET
    segment_name: str | UnsetType = UNSET
    weight: int | UnsetType = UNSET
    priority: int | UnsetType = UNSET
    is_fallback: bool | UnsetType = UNSET
    variation_snapshot: dict[str, Any] | None = None
    segment_snapshot: dict[str, Any] | UnsetType | None = UNSET


class Experiment(Struct, frozen=True):
    """`current_level` is null while no ramp runs."""

    id: str
    name: str
    feature_flag_id: str
    authentication_flow: str
    allocation_strategy: Strategy
    assignment_config: AssignmentConfig
    status: Status
    is_valid: bool
    allocations: list[Allocation]
    editable_fields: list[str]
    created_at: str
    updated_at: str
    current_level: int | None
    feature_flag_snapshot: dict[str, Any] | None
    description: str | UnsetType = UNSET
    feature_flag_name: str | UnsetType = UNSET
    is_stateful: bool | UnsetType = UNSET
    levels: list[int] | UnsetType = UNSET
    started_at: str | UnsetType = UNSET
    ended_at: str | UnsetType = UNSET


class Experiments(Struct, frozen=True):
    experiments: list[Experiment]
    next: str | UnsetType = UNSET


class Cause(Struct, frozen=True):
    """Why an experiment cannot be activated."""

    code: str
    message: str


class Validation(Struct, frozen=True):
    is_valid: bool
    errors: list[Cause]


class Advanced(Struct, frozen=True):
    experiment_id: str
    from_level: int
    to_level: int
    current_level: int
