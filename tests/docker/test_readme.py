"""What docker/README.md tells a person to do."""

import re
import stat
import subprocess

from tests.docker.conftest import DOCKER

README = (DOCKER / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```sh\n(.*?)```", README, flags=re.DOTALL)


def test_its_commands_make_every_secret_that_compose_asks_for(compose, tmp_path):
    [block] = [block for block in BLOCKS if "secret()" in block]

    subprocess.run(["sh", "-eu", "-c", block], cwd=tmp_path, check=True)

    password = (tmp_path / "secrets" / "postgres_password").read_text()
    assert len(password) == 48
    assert f":{password}@postgres/" in (tmp_path / "secrets" / "database_url").read_text()
    for secret in compose["secrets"].values():
        path = tmp_path / secret["file"]
        assert path.read_text().strip()
        assert stat.S_IMODE(path.stat().st_mode) == 0o644  # for the users in the containers
    assert stat.S_IMODE((tmp_path / "secrets").stat().st_mode) == 0o700  # and for nobody else on the host


def test_its_commands_name_services_that_there_are(compose):
    text = "\n".join(BLOCKS)
    stopped = [name for names in re.findall(r"docker compose stop (.*)", text) for name in names.split()]
    used = re.findall(r"docker compose exec -T (\S+)|docker compose run (?:-\S+ |tar )*(\w+)", text)

    assert len(stopped) + len(used) > 15
    assert {*stopped, *filter(None, (name for pair in used for name in pair))} <= set(compose["services"])


def test_every_service_is_in_its_table(compose):
    for name in set(compose["services"]) - {"truegrade"}:
        assert re.search(rf"^\|[^|]*`{name}`", README, flags=re.MULTILINE), name
