from datetime import timedelta

from tasks.store import audit


def test_lines_are_kept_the_newest_first(shelf):
    lines = [audit.Line(shelf.now + timedelta(days=day), "ann", "provision", "acme", {"n": day}) for day in (1, 2, 3)]
    for line in lines:
        audit.add(shelf.store, line)

    assert audit.newest(shelf.store, limit=2) == [lines[2], lines[1]]
