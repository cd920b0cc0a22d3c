"""A warehouse that knows its answer already, and remembers what it was asked."""

from collections.abc import Sequence

from equipoise.analysis.question import Facts, Question
from equipoise.application.lake import DataFile


class AnsweringWarehouse:
    """Answers every question with the same facts; `failures` times, files are gone first."""

    def __init__(self, facts: Facts = Facts((), ()), failures: int = 0) -> None:  # noqa: B008
        self.facts, self.failures = facts, failures
        self.asked: list[tuple[Question, tuple[DataFile, ...]]] = []

    def ask(self, question: Question, files: Sequence[DataFile]) -> Facts:
        self.asked.append((question, tuple(files)))
        if self.failures:
            self.failures -= 1
            raise FileNotFoundError("a file that was compacted meanwhile")
        return self.facts
