"""Instructions of a semantic patch to a flag, in one of its environments. A struct's name is its kind."""

from typing import Any

from msgspec import UNSET, Struct, UnsetType, field


def _kind(name: str) -> str:
    return name[0].lower() + name[1:]


class Instruction(Struct, frozen=True, rename="camel", tag_field="kind", tag=_kind):
    """Something to do to a flag in all its environments."""


class InEnvironment(Instruction, frozen=True):
    """Something to do in the environment that the body's environmentKey names."""


class Serving(InEnvironment, frozen=True):
    """One variation, or weights (in thousandths of a percent) by variation id."""

    variation_id: str | UnsetType = UNSET
    rollout_weights: dict[str, int] | UnsetType = UNSET
    rollout_bucket_by: str | UnsetType = UNSET
    rollout_context_kind: str | UnsetType = UNSET


class ClauseSaid(Struct, frozen=True, rename="camel"):
    op: str
    values: list[Any]
    attribute: str = ""
    negate: bool = False
    context_kind: str = "user"
    id: str | UnsetType = field(name="_id", default=UNSET)


class RuleSaid(Struct, frozen=True, rename="camel"):
    """A rule of replaceRules; one that names a rule of the flag by `_id` keeps that id."""

    clauses: list[ClauseSaid]
    variation_id: str | UnsetType = UNSET
    rollout_weights: dict[str, int] | UnsetType = UNSET
    rollout_bucket_by: str | UnsetType = UNSET
    rollout_context_kind: str | UnsetType = UNSET
    description: str = ""
    ref: str = ""
    track_events: bool = False
    id: str | UnsetType = field(name="_id", default=UNSET)


class TargetSaid(Struct, frozen=True, rename="camel"):
    variation_id: str
    values: list[str]
    context_kind: str = "user"


class PrerequisiteSaid(Struct, frozen=True, rename="camel"):
    key: str
    variation_id: str


# on and off


class TurnFlagOn(InEnvironment, frozen=True): ...


class TurnFlagOff(InEnvironment, frozen=True): ...


# what is served by default


class UpdateFallthroughVariationOrRollout(Serving, frozen=True): ...


class UpdateOffVariation(InEnvironment, frozen=True):
    variation_id: str


class UpdateTrackEvents(InEnvironment, frozen=True):
    track_events: bool


class UpdateTrackEventsFallthrough(InEnvironment, frozen=True):
    track_events: bool


# rules


class AddRule(Serving, frozen=True, kw_only=True):
    clauses: list[ClauseSaid]
    before_rule_id: str | UnsetType = UNSET
    description: str = ""
    ref: str = ""
    track_events: bool = False


class RemoveRule(InEnvironment, frozen=True):
    rule_id: str


class ReorderRules(InEnvironment, frozen=True):
    rule_ids: list[str]


class ReplaceRules(InEnvironment, frozen=True):
    rules: list[RuleSaid]


class UpdateRuleVariationOrRollout(Serving, frozen=True, kw_only=True):
    rule_id: str


class UpdateRuleDescription(InEnvironment, frozen=True):
    rule_id: str
    description: str


class UpdateRuleTrackEvents(InEnvironment, frozen=True):
    rule_id: str
    track_events: bool


class AddClauses(InEnvironment, frozen=True):
    rule_id: str
    clauses: list[ClauseSaid]


class RemoveClauses(InEnvironment, frozen=True):
    rule_id: str
    clause_ids: list[str]


class UpdateClause(InEnvironment, frozen=True):
    rule_id: str
    clause_id: str
    clause: ClauseSaid


class AddValuesToClause(InEnvironment, frozen=True):
    rule_id: str
    clause_id: str
    values: list[Any]


class RemoveValuesFromClause(InEnvironment, frozen=True):
    rule_id: str
    clause_id: str
    values: list[Any]


# targets


class AddTargets(InEnvironment, frozen=True):
    variation_id: str
    values: list[str]
    context_kind: str = "user"


class RemoveTargets(InEnvironment, frozen=True):
    variation_id: str
    values: list[str]
    context_kind: str = "user"


class ClearTargets(InEnvironment, frozen=True):
    variation_id: str


class ReplaceTargets(InEnvironment, frozen=True):
    targets: list[TargetSaid]


class AddUserTargets(InEnvironment, frozen=True):
    variation_id: str
    values: list[str]


class RemoveUserTargets(InEnvironment, frozen=True):
    variation_id: str
    values: list[str]


class ClearUserTargets(InEnvironment, frozen=True):
    variation_id: str


class ReplaceUserTargets(InEnvironment, frozen=True):
    targets: list[TargetSaid]


# prerequisites


class AddPrerequisite(InEnvironment, frozen=True):
    key: str
    variation_id: str


class RemovePrerequisite(InEnvironment, frozen=True):
    key: str


class UpdatePrerequisite(InEnvironment, frozen=True):
    key: str
    variation_id: str


class ReplacePrerequisites(InEnvironment, frozen=True):
    prerequisites: list[PrerequisiteSaid]
