"""Calls side by side: a few are on their way at one time, and their results come in the order of the calls.

A CRM takes some hundred milliseconds for an answer, whatever it is asked, and a worker that makes its calls one by one
waits most of its time. The limiter, which all lanes ask, keeps them to the CRM's pace.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from itertools import islice
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def in_lanes(
    call: Callable[[Item], Result], items: Iterable[Item], *, lanes: int, errors_last: bool = False
) -> Iterator[Result]:
    """Yield `call(item)` for each item, in order; up to `lanes` of them run at one time, one lane without threads.

    Items are taken by the caller's thread alone, and only as fast as results are. After an error nothing new is begun,
    and what was begun beside it ends first; its results come before the error with `errors_last`, and else never.
    """
    rest = iter(items)
    if lanes == 1:
        yield from map(call, rest)
        return
    with ThreadPoolExecutor(lanes, thread_name_prefix="lane") as pool:
        running: deque[Future[Result]] = deque()
        for item in islice(rest, lanes):
            running.append(pool.submit(copy_context().run, call, item))
        while running:
            first = running.popleft()
            if first.exception() is not None:
                yield from (one.result() for one in running if errors_last and one.exception() is None)
            yield first.result()
            for item in islice(rest, 1):
                running.append(pool.submit(copy_context().run, call, item))
