"""The fields of an experiment that may be edited: which operations when, and the commands they become.

This one table is what `mutableFieldsByStatus` serves and what every edit is held to.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import Any, TypeVar

from msgspec import UNSET, Struct, defstruct
from msgspec.structs import replace

from equipoise.dialects.launchdarkly.experiments import checks, documents, plans
from equipoise.dialects.launchdarkly.experiments.setting import Setting
from equipoise.dialects.launchdarkly.maintainers import maintainer_rule
from equipoise.domain.change import Command
from equipoise.domain.errors import Violation, check
from equipoise.domain.experiment.commands import (
    AnnotateIteration,
    JoinHoldout,
    Place,
    ProposeAllocation,
    SetAnalysis,
    SetAttributes,
    SetHypothesis,
    SetMetrics,
    SetReshuffle,
    SetUnit,
    Which,
)
from equipoise.domain.experiment.state import Experiment, Iteration, MetricUse
from equipoise.domain.identity import text_rule
from equipoise.domain.labels import Annotate, AssignMaintainer, Describe, Rename, Tag
from equipoise.domain.limits import NAME_LENGTH_MAX
from equipoise.translation.decode import convert

T = TypeVar("T")
AT = "value"  # where the value of an edit stands
Commands = Iterator[Command]


class Edit(Struct, frozen=True):
    """One field's edit. `value` has the field's shape; UNSET only where the operation is to remove."""

    now: Experiment
    which: Which
    operation: str
    value: Any
    setting: Setting

    @property
    def iteration(self) -> Iteration:
        iteration = self.now.draft if self.which == "draft" else self.now.current
        assert iteration is not None, "the status that allows the edit has the iteration"
        return iteration

    def combined(
        self, present: Iterable[T], said: Iterable[T], key: Callable[[T], str] = str
    ) -> tuple[T, ...]:
        """A list after the edit. What is there already takes the new value, in its old place."""
        if self.operation == "update":
            return tuple({key(each): each for each in said}.values())
        known = {key(each): each for each in present}
        if self.operation == "add":
            return tuple((known | {key(each): each for each in said}).values())
        return tuple(each for name, each in known.items() if name not in set(map(key, said)))

    @property
    def cleared(self) -> bool:
        return self.operation == "remove" and self.value is UNSET


class Field(Struct, frozen=True):
    """shape of its value, and of what may be taken out of it; the commands; the operations by status."""

    shape: Any
    commands: Callable[[Edit], Iterable[Command]]
    not_started: tuple[str, ...]
    running: tuple[str, ...] = ()
    stopped: tuple[str, ...] = ()
    removable: Any = None


def _maintainer(edit: Edit) -> Commands:
    setting = edit.setting
    check(maintainer_rule(AT, edit.value, setting.project, setting.world.principal))
    yield AssignMaintainer(edit.value)


def _tags(edit: Edit) -> Commands:
    yield Tag(() if edit.cleared else edit.combined(edit.now.tags, edit.value))


def _methodology(edit: Edit) -> Commands:
    check(checks.of_methodology(AT, edit.value, edit.now.design))
    yield SetAnalysis(replace(edit.now.analysis, methodology=edit.value))


def _analysis_config(edit: Edit) -> Commands:
    check(*checks.of_analysis_config(AT, edit.value))
    yield SetAnalysis(replace(edit.now.analysis, settings=plans.settings_of(edit.value)))


def _data_source(edit: Edit) -> Commands:
    said = None if edit.value == plans.OWN_DATA else edit.value
    yield Annotate(plans.DIALECT, plans.DATA_SOURCE, said)


def _holdout(edit: Edit) -> Commands:
    """One that it has joined already may have ended since."""
    present, found = edit.now.holdout, edit.setting.holdout(edit.value or "")
    if edit.operation == "update":
        check(edit.value == present or checks.of_holdout(AT, edit.value, edit.setting))
        yield JoinHoldout(edit.value if found is None else found.id)
    elif edit.cleared or present in (edit.value, "" if found is None else found.id):
        yield JoinHoldout("")


def _flags(edit: Edit) -> Commands:
    check(*checks.of_flags(AT, edit.value, edit.setting, edit.now.flag))
    said = edit.value[edit.now.flag]
    edit.setting.expect(edit.now.flag, said.flagConfigVersion)
    yield Place(said.ruleId)
    outside = said.notInExperimentVariationId or ""
    yield ProposeAllocation(replace(edit.iteration.proposal, outside=outside))
    yield AnnotateIteration(plans.DIALECT, plans.FLAG_VERSION, said.flagConfigVersion)


def _treatments(edit: Edit) -> Commands:
    flag_key = edit.now.flag
    check(*checks.of_treatments(AT, edit.value, flag_key, edit.setting.flag(flag_key)))
    arms = plans.arms_of(edit.value)
    yield ProposeAllocation(replace(edit.iteration.proposal, arms=arms, levels=()))
    yield AnnotateIteration(plans.DIALECT, plans.PERCENTS, plans.percents_of(edit.value, arms))


def _metrics(edit: Edit) -> Commands:
    present, primary = edit.iteration.metrics, edit.iteration.primary
    if edit.operation == "remove":
        gone = {use.key for use in present} if edit.cleared else {_key(each) for each in edit.value}
        uses = tuple(use for use in present if use.key not in gone)
    else:
        check(*checks.of_metrics(AT, edit.value, edit.setting))
        uses = edit.combined(present, plans.uses_of(edit.value), lambda use: use.key)
        primary = plans.primary_among(edit.value) or primary
    kept = primary if any(use.key == primary for use in uses) else ""
    yield SetMetrics(_pinned(edit, uses), kept, edit.which)


def _key(said: str | documents.MetricKey) -> str:
    return said if isinstance(said, str) else said.key


def _pinned(edit: Edit, uses: tuple[MetricUse, ...]) -> tuple[MetricUse, ...]:
    """What joins a running iteration is pinned as the rest was at its start."""
    if edit.which == "draft":
        return uses
    known = edit.setting.metrics(use.key for use in uses)
    return tuple(replace(use, version=known[use.key].version) if use.key in known else use for use in uses)


def _primary(edit: Edit) -> Commands:
    check(*checks.of_primary(AT, edit.value, edit.setting))
    yield SetMetrics(plans.measured(edit.iteration.metrics, edit.value), edit.value)


def _funnel(edit: Edit) -> Commands:
    check(Violation(AT, checks.NO_GROUPS, edit.value))
    yield from ()


def _attributes(edit: Edit) -> Commands:
    said = () if edit.cleared else edit.value
    check(*checks.of_names(AT, said))
    attributes = () if edit.cleared else edit.combined(edit.iteration.attributes, said)
    yield SetAttributes(attributes, edit.which)


def _unit(edit: Edit) -> Commands:
    check(checks.of_unit(AT, edit.value, edit.setting.project))
    yield SetUnit(edit.value)


def _covariate(edit: Edit) -> Commands:
    check(text_rule(AT, edit.value, NAME_LENGTH_MAX))
    yield AnnotateIteration(plans.DIALECT, plans.COVARIATE, edit.value or None)


def _cadence(edit: Edit) -> Commands:
    check(checks.of_cadence(AT, edit.value))
    yield AnnotateIteration(plans.DIALECT, plans.CADENCE, edit.value)


UPDATE, LIST = ("update",), ("add", "update", "remove")
ALWAYS = {"not_started": UPDATE, "running": UPDATE, "stopped": UPDATE}
_METRICS, _METRIC_KEYS = list[documents.MetricInput], list[str | documents.MetricKey]

FIELDS: Mapping[str, Field] = {  # in the order in which they apply
    "name": Field(str, lambda edit: (Rename(edit.value),), **ALWAYS),
    "description": Field(str, lambda edit: (Describe(edit.value),), **ALWAYS),
    "maintainerId": Field(str, _maintainer, **ALWAYS),
    "tags": Field(list[str], _tags, LIST, LIST, LIST),
    "methodology": Field(documents.Methodology, _methodology, UPDATE),
    "analysisConfig": Field(documents.AnalysisConfig, _analysis_config, UPDATE),
    "dataSource": Field(documents.DataSource, _data_source, UPDATE),
    "holdoutId": Field(str, _holdout, ("update", "remove")),
    "hypothesis": Field(str, lambda edit: (SetHypothesis(edit.value),), UPDATE),
    "randomizationUnit": Field(str, _unit, UPDATE),
    "flags": Field(dict[str, documents.FlagInput], _flags, UPDATE),
    "treatments": Field(list[documents.TreatmentInput], _treatments, UPDATE),
    "metrics": Field(_METRICS, _metrics, LIST, ("add",), removable=_METRIC_KEYS),
    "primarySingleMetricKey": Field(str, _primary, UPDATE),
    "primaryFunnelKey": Field(str, _funnel, UPDATE),
    "attributes": Field(list[str], _attributes, LIST, ("add",)),
    "canReshuffleTraffic": Field(bool, lambda edit: (SetReshuffle(edit.value),), UPDATE),
    "covariateId": Field(str, _covariate, UPDATE),
    "reallocationFrequencyMillis": Field(int, _cadence, UPDATE),
}
MUTABLE: Mapping[documents.Stage, dict[str, tuple[str, ...]]] = {
    "not_started": {name: field.not_started for name, field in FIELDS.items()},
    "running": {name: field.running for name, field in FIELDS.items() if field.running},
    "stopped": {name: field.stopped for name, field in FIELDS.items() if field.stopped},
}


@cache
def _placed(shape: Any) -> type[Struct]:
    """A document of one value, so that what is wrong in it is named from there."""
    return defstruct("Placed", [(AT, shape)])


def allowed(name: str, said: documents.FieldUpdate, status: documents.Stage) -> Any:
    """The value of a field's edit in the field's shape; UNSET when a removal has none.

    raises  Invalid when the status does not allow the operation, or the value is not of that shape
    """
    operations = MUTABLE[status].get(name, ())
    rule = f"must be one of {', '.join(operations)}" if operations else "does not apply"
    check(
        said.operation in operations
        or Violation("operation", f"{rule} to {name} while the iteration is {status}", said.operation)
    )
    if said.value is UNSET:
        check(said.operation == "remove" or Violation("value", f"is required to {said.operation}"))
        return UNSET
    field = FIELDS[name]
    removing = said.operation == "remove" and field.removable is not None
    document = _placed(field.removable if removing else field.shape)
    return getattr(convert({AT: said.value}, document), AT)
