"""The files of docker/ as data: no Docker engine is needed to see what they say."""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
DOCKER = ROOT / "docker"


@dataclass(frozen=True)
class Instruction:
    """One instruction of a Dockerfile, its continued lines joined: `COPY`, `connector connector`."""

    name: str
    rest: str


def stages(path=DOCKER / "Dockerfile"):
    """The Dockerfile's stages, each a list of instructions; what stands before the first FROM is a stage too."""
    text = "\n".join(line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
    lines = (line.strip() for line in re.sub(r"\\\n", " ", text).splitlines())
    found = [[]]
    for line in filter(None, lines):
        name, _, rest = line.partition(" ")
        if name == "FROM":
            found.append([])
        found[-1].append(Instruction(name, re.sub(r"\s+", " ", rest)))
    return found


def of(stage, name):
    return [instruction.rest for instruction in stage if instruction.name == name]


LAST_STAGE = stages()[-1]


@pytest.fixture(scope="session")
def compose():
    return yaml.safe_load((DOCKER / "compose.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def ours(compose):
    """The services that are Truegrade."""
    return {name: service for name, service in compose["services"].items() if "truegrade" in service["image"]}
