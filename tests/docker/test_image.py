"""The image: slim, pinned, of nobody's rights, and with everything that the program needs."""

import json
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile

import pytest
import typer

from tasks.cli import app
from tests.docker.conftest import DOCKER, ROOT, of, stages

BEFORE, BUILD, LAST = stages()
LOCKS = ["requirements.lock", "requirements-build.lock"]


def test_both_stages_stand_on_one_slim_python_named_by_its_full_version():
    [base] = of(BEFORE, "ARG")

    assert re.fullmatch(r"PYTHON_IMAGE=python:3\.\d+\.\d+-slim-[a-z]+", base)
    assert of(BUILD, "FROM") == ["${PYTHON_IMAGE} AS build"]
    assert of(LAST, "FROM") == ["${PYTHON_IMAGE}"]


def test_nothing_is_installed_that_is_not_pinned_and_hashed():
    installs = [part for run in of(BUILD, "RUN") for part in run.split("&&") if " install " in part]

    for install in installs:
        is_ours = "--no-index" in install and "wheels/" in install
        assert is_ours or {"--require-hashes", "--no-deps", "--only-binary"} <= set(install.split()), install
    assert {word for install in installs for word in install.split() if word.endswith(".lock")} == set(LOCKS)


def test_no_file_of_the_image_names_an_address():
    for name in ["Dockerfile", "compose.yaml", *LOCKS]:
        assert "://" not in (DOCKER / name).read_text(encoding="utf-8"), name


def test_what_builds_our_wheel_is_what_is_tested():
    def pins(lock):
        return set(re.findall(r"^[a-z0-9][^ ;\\]*==[^ ;\\]+", (DOCKER / lock).read_text(), flags=re.MULTILINE))

    assert pins("requirements-build.lock") <= pins("requirements-dev.lock")
    assert any(pin.startswith("hatchling==") for pin in pins("requirements-build.lock"))


def test_the_last_stage_has_no_tools_and_no_rights():
    assert of(LAST, "COPY") == ["--from=build /opt/truegrade /opt/truegrade"]
    assert not [run for run in of(LAST, "RUN") if re.search(r"\bpip\b|gcc|build-essential|\bdev\b", run)]
    assert "--without-pip" in " ".join(of(BUILD, "RUN"))
    [user] = of(LAST, "USER")
    assert re.fullmatch(r"[1-9]\d{3,}:[1-9]\d{3,}", user)
    assert f"--uid {user.partition(':')[0]} " in " ".join(of(LAST, "RUN"))
    names = [instruction.name for instruction in LAST]
    assert "RUN" not in names[names.index("USER") :]


def test_only_the_home_folder_and_tmp_are_written():
    [environment] = of(LAST, "ENV")
    values = dict(word.split("=", 1) for word in environment.split())

    assert of(LAST, "VOLUME") == [values["TRUEGRADE_HOME"]]
    assert of(LAST, "WORKDIR") == ["/tmp"]
    for name in ("HOME", "NUMBA_CACHE_DIR", "MPLCONFIGDIR"):
        assert values[name].startswith("/tmp"), name


def test_it_starts_our_program_and_asks_it_how_it_is():
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    [entrypoint], [health] = of(LAST, "ENTRYPOINT"), of(LAST, "HEALTHCHECK")
    asked = json.loads(health.partition("CMD ")[2])

    assert json.loads(entrypoint)[0] in scripts
    assert asked[0] in scripts
    assert asked[1] in typer.main.get_command(app).commands
    assert of(LAST, "STOPSIGNAL") == ["SIGTERM"]


def allowed():
    """What the build may see, by Dockerfile.dockerignore: everything is shut out but what is named."""
    lines = (DOCKER / "Dockerfile.dockerignore").read_text().splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    return [rule.removeprefix("!") for rule in rules if rule.startswith("!")]


def copied():
    """What the build copies of the clone, from and to."""
    for line in of(BUILD, "COPY"):
        *sources, target = line.split()
        for source in sources:
            yield source, target


def test_the_build_sees_what_it_copies_and_no_more():
    assert {source for source, _ in copied()} == set(allowed())
    for source in allowed():
        assert (ROOT / source).exists(), source
    assert not {"tests", "docker", "docker/secrets", ".git", "."} & set(allowed())


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Our wheel, built of the copied files alone, and unpacked."""
    context, site = tmp_path_factory.mktemp("context"), tmp_path_factory.mktemp("site")
    for source, target in copied():
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, context / target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / source, context)
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel"], cwd=context, check=True)
    [wheel] = (context / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(site)
    return site


def run(site, *arguments, cwd):
    code = f"import sys; sys.path.insert(0, {str(site)!r}); import tasks.cli; assert tasks.__file__.startswith("
    code += f"{str(site)!r}), tasks.__file__; sys.argv[0] = 'truegrade'; tasks.cli.main()"
    command = [sys.executable, "-P", "-c", code, *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, timeout=120)


def test_the_copied_files_are_all_that_the_program_needs(site, tmp_path):
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert run(site, "--version", cwd=tmp_path).stdout == f"truegrade {version}\n"
    for arguments in (["init", "home"], ["migrate", "--home", "home"], ["demo", "--help"]):
        done = run(site, *arguments, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "home" / "truegrade.db").exists()
    assert not (site / "tests").exists()
