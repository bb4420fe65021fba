"""The compose file: what it promises about data, rights, secrets and the order of starting and stopping."""

import re

import typer

from tasks.cli import app
from tasks.cli.up import FINISH_WITHIN_S
from tasks.settings import Settings
from tasks.store.units import QUEUES
from tests.docker.conftest import DOCKER, LAST_STAGE, of

REFERENCE = re.compile(r"\$\{\w+:-([^}]*)\}")
SERVING = {"beat", "worker-live", "worker-backfill", "worker-train"}


def default(text):
    """A value as it is when nothing is set."""
    return REFERENCE.sub(r"\1", text)


def option(service, name):
    command = service["command"]
    return command[command.index(name) + 1]


def test_every_service_of_ours_runs_a_command_that_there_is(ours):
    commands = typer.main.get_command(app).commands

    assert set(ours) == SERVING | {"migrate", "metrics", "truegrade"}
    for name in SERVING | {"migrate", "metrics"}:
        command = commands[ours[name]["command"][0]]
        known = {text for parameter in command.params for text in parameter.opts}
        given = {word for word in ours[name]["command"][1:] if word.startswith("--")}
        assert given <= known, name


def test_every_queue_has_a_worker_of_its_own(ours):
    queues = [option(service, "--queues") for service in ours.values() if service["command"][0] == "worker"]

    assert sorted(queues) == sorted(QUEUES)


def test_ours_run_without_rights_on_a_file_system_that_they_cannot_change(ours):
    for name, service in ours.items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service["init"] is True, name  # a process of ours is not process 1, to which signals mean less
        assert "user" not in service, name  # the image's own: not root
        assert [mount.partition(":")[0] for mount in service["tmpfs"]] == ["/tmp"], name
        assert "privileged" not in service, name


def test_all_workers_share_one_home(ours, compose):
    [home] = of(LAST_STAGE, "VOLUME")

    for name, service in ours.items():
        assert default(service["volumes"][0]) == f"home:{home}", name
    assert "home" in compose["volumes"]


def test_secrets_are_files_and_settings_that_there_are(ours, compose):
    for name, service in ours.items():
        for variable, path in service["environment"].items():
            assert variable.removeprefix("TRUEGRADE_").lower() in Settings.model_fields, variable
            if variable.endswith("_FILE"):
                assert path.removeprefix("/run/secrets/") in service["secrets"], (name, variable)
    for name, service in compose["services"].items():
        assert set(service.get("secrets", [])) <= set(compose["secrets"]), name
        assert not [key for key in service.get("environment", {}) if "PASSWORD" in key and not key.endswith("_FILE")]
    assert all(secret["file"].startswith("./secrets/") for secret in compose["secrets"].values())
    assert "secrets/" in (DOCKER / ".gitignore").read_text().splitlines()


def test_the_broker_keeps_what_it_has_and_throws_nothing_away(compose):
    redis = compose["services"]["redis"]

    assert option(redis, "--appendonly") == "yes"
    assert option(redis, "--appendfsync") == "everysec"
    assert option(redis, "--maxmemory-policy") == "noeviction"
    assert option(redis, "--maxmemory")
    assert redis["volumes"] == [f"broker:{option(redis, '--dir')}"]


def test_nothing_can_be_reached_from_outside_but_figures_from_this_host_if_they_are_wanted(compose):
    assert compose["networks"]["inside"] == {"internal": True}
    for name in ("redis", "postgres"):
        assert compose["services"][name]["networks"] == ["inside"]
    assert [name for name, service in compose["services"].items() if "ports" in service] == ["metrics"]
    assert compose["services"]["metrics"]["ports"] == ["${TRUEGRADE_METRICS_PUBLISH:-127.0.0.1:9464}:9464"]
    assert compose["services"]["metrics"]["profiles"] == ["metrics"]


def test_every_image_is_pinned(compose):
    for name, service in compose["services"].items():
        tag = default(service["image"]).partition(":")[2]
        assert re.match(r"\d+\.\d+", tag), name


def test_the_image_built_is_the_one_that_the_dockerfile_names(ours):
    for service in ours.values():
        build = service["build"]
        assert (DOCKER / build["context"] / build["dockerfile"]).resolve() == DOCKER / "Dockerfile"
        assert f"PYTHON_IMAGE={default(build['args']['PYTHON_IMAGE'])}" in (DOCKER / "Dockerfile").read_text()


def test_nobody_works_before_the_database_has_its_schema(ours):
    for name in SERVING:
        assert ours[name]["depends_on"] == {
            "migrate": {"condition": "service_completed_successfully"},
            "postgres": {"condition": "service_healthy"},
            "redis": {"condition": "service_healthy"},
        }
        assert ours[name]["restart"] == "unless-stopped"
    assert ours["migrate"]["restart"] == "no"


def test_everything_that_serves_is_asked_how_it_is(compose):
    for name in ("redis", "postgres"):
        assert compose["services"][name]["healthcheck"]["test"], name
    for name in SERVING - {"beat"}:  # the image's own check
        assert "healthcheck" not in compose["services"][name], name
    _, program, *asked = compose["services"]["beat"]["healthcheck"]["test"]
    known = {text for parameter in typer.main.get_command(app).commands[asked[0]].params for text in parameter.opts}
    assert program == "truegrade"
    assert set(asked[1:]) <= known


def test_work_in_hand_has_the_time_to_end(ours):
    for name in SERVING:
        assert float(ours[name]["stop_grace_period"].removesuffix("s")) > FINISH_WITHIN_S
