"""The most memory that a benchmark's own process took."""

import resource
import sys
from pathlib import Path

STATUS = Path("/proc/self/status")


def peak_mib():
    """The peak of this program alone: ru_maxrss would start from that of the process that started it."""
    if STATUS.exists():
        line = next(line for line in STATUS.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 1024
