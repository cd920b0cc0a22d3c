"""The SDK for applications in Python: a ruleset by stream, evaluation in this process, exposures counted.

`Client` is the fast way; `equipoise.sdk.openfeature` is a provider for OpenFeature on top of it.
"""

from equipoise.evaluation.context import Context
from equipoise.evaluation.decision import Decision, Fault, Reason, Why
from equipoise.sdk.client import Client
from equipoise.sdk.contexts import prepare
from equipoise.sdk.status import State, Status

__all__ = ["Client", "Context", "Decision", "Fault", "Reason", "State", "Status", "Why", "prepare"]
