"""Python functions compiled by Numba at their first use, and kept on disk where there is a place for them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

from numba import njit

Function = TypeVar("Function", bound=Callable[..., Any])


def compiled(function: Function) -> Function:
    """Compile a function of arrays and numbers when it is first called.

    The result is kept beside the code, or else in the user's cache; where neither can be written it is compiled anew in
    each process. What a compiled function calls must stand in its own file: a change elsewhere would go unnoticed.
    """
    try:
        Path.home()  # without a home Numba would make a folder named ~
        return cast("Function", njit(cache=True)(function))
    except RuntimeError:
        return cast("Function", njit(function))
