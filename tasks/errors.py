"""The errors that a person can mend, for all who tell them: the command line and the jobs.

Loading the learner takes a second and 200 MB; what is named here needs neither.
"""

from connector.errors import Misconfigured
from mappings.file.problems import MappingInvalid
from model.errors import DamagedModel, NotEnoughHistory, UnsuitableFrame
from tasks.settings import SettingsInvalid
from tasks.store.engine import StoreUnreachable

__all__ = ["TO_BE_MENDED", "DamagedModel", "NotEnoughHistory"]

# Trying again changes nothing until a person has done what the message says.
TO_BE_MENDED = (Misconfigured, SettingsInvalid, MappingInvalid, StoreUnreachable, DamagedModel, UnsuitableFrame)
