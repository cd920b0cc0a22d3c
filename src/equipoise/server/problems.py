"""Why a server cannot start."""


class Unstartable(Exception):
    """The server cannot start as it was told to: a sentence, and the next step."""

    def __init__(self, sentence: str, next_step: str) -> None:
        self.sentence, self.next_step = sentence, next_step
        super().__init__(f"{sentence} {next_step}")
