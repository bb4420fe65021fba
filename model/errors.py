"""What can go wrong here, named by what the caller does next. Loading this module loads nothing else."""


class NotEnoughHistory(Exception):
    """There is too little to learn from. Score with the baseline instead and show `fix`."""

    def __init__(self, message: str, *, fix: str) -> None:
        super().__init__(message)
        self.message = message
        self.fix = fix


class UnsuitableFrame(ValueError):
    """A frame lacks a column, or holds one of a kind that the learner must not see. The message names the column."""


class DamagedModel(Exception):
    """A model's directory is missing a file, was changed, or is not a model of ours. Train again or restore it."""
