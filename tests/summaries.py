"""What tests tell at the end of a run: `record_property(SUMMARY + title, text)` makes a section there."""

import pytest

SUMMARY = "summary: "


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = (report for found in terminalreporter.stats.values() for report in found)
    told = (report for report in reports if getattr(report, "when", "") == "call")
    for report in told:
        for name, text in report.user_properties:
            if name.startswith(SUMMARY):
                terminalreporter.section(name.removeprefix(SUMMARY))
                terminalreporter.write_line(text)
