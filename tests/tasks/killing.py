"""A process that ends in the middle: at a transaction that begins, where nothing may catch it."""

from sqlalchemy import event


class Killed(BaseException):
    """The process ends here: nothing may catch it."""


def die_at(engine, step):
    """Let the process end at the `step`-th transaction that begins from now on; returns what calls it off."""
    begun = 0

    def count_down(_connection):
        nonlocal begun
        begun += 1
        if begun == step:
            stop()
            raise Killed

    def stop():
        if event.contains(engine, "begin", count_down):
            event.remove(engine, "begin", count_down)

    event.listen(engine, "begin", count_down)
    return stop
