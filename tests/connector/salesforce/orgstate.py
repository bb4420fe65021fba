"""A simulated org that can be put back to where it was, and every state that it goes through."""

import copy
import json
import sqlite3

from connector.limiter import NoLimiter

KEPT = ("objects", "hidden", "read_only", "granted", "withheld", "counters", "components", "uses", "placed")
GIVEN = {
    "PermissionSet": "Name",
    "FieldPermissions": "Field, PermissionsRead, PermissionsEdit, (SELECT Name FROM PermissionSet WHERE Id = ParentId)",
    "PermissionSetAssignment": "AssigneeId, (SELECT Name FROM PermissionSet WHERE Id = PermissionSetId)",
}


class Saved:
    """An org as it is now."""

    def __init__(self, org):
        self._state = org._state
        self._db = sqlite3.connect(":memory:", check_same_thread=False)
        self._state.db.backup(self._db)
        self._kept = {name: copy.deepcopy(getattr(self._state, name)) for name in KEPT}

    def restore(self):
        """Let the org be as it was."""
        self._db.backup(self._state.db)
        for name, value in self._kept.items():
            setattr(self._state, name, copy.deepcopy(value))
        self._state.access.clear()


class Watching(NoLimiter):
    """Saves the org before each call that finds it otherwise than the one before: there a client may be killed."""

    def __init__(self, org):
        self._org = org
        self._changes = self._seen()
        self.states = []

    def wait(self, bucket):
        if self._seen() != self._changes:
            self._changes = self._seen()
            self.states.append(Saved(self._org))

    def _seen(self):
        return self._org._state.db.total_changes, len(self._org._state.components)


def told(org):
    """All that an org says of itself: describes, components, and who was given what; no ids, no stamps."""
    state = org._state
    rows = {name: sorted(map(tuple, state.db.execute(f'SELECT {what} FROM "{name}"'))) for name, what in GIVEN.items()}
    return json.dumps([state.objects, sorted(state.components.items()), rows])
