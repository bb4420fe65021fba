"""Errors that the command line and the jobs must know without loading what raises them.

Loading the learner takes a second and 200 MB; a pull needs neither.
"""

from model.errors import NotEnoughHistory

__all__ = ["NotEnoughHistory"]
