"""The section handover: by opt-in alone, and nothing that is not ours."""

import re
from pathlib import Path

import pytest

import mappings.words as vocabulary
from connector.crm import Entity
from mappings.file.handing import NO_HANDOVER, Webhook, may_be_sent_to
from mappings.file.load import MappingInvalid, parse
from tests.mappings.conftest import MINIMAL

README = (Path(vocabulary.__file__).parent / "README.md").read_text()
URL = "https://hooks.example.com/x"


def handed(text):
    return parse(f"{MINIMAL}handover: {text}\n", "acme.yaml")


def test_nothing_is_handed_over_unless_the_file_says_so():
    assert parse(MINIMAL, "x").handover == NO_HANDOVER


def test_a_webhook_is_told_of_the_best_grade_alone_and_of_no_field_unless_said_otherwise():
    assert handed(f"{{webhook: {{url: '{URL}', secret: 'env:S'}}}}").handover.webhook == Webhook(URL, "env:S", ("A",))


def test_the_documented_section_loads_and_its_fields_are_read():
    (text,) = re.findall(r"```yaml handover\n(.*?)```", README, flags=re.DOTALL)
    mapping = parse(MINIMAL + text, "README.md")

    assert mapping.handover.webhook.fields == ("Company", "OwnerId")
    assert {"Company", "OwnerId"} <= set(mapping.source_fields(Entity.LEAD))
    assert mapping.version == parse(MINIMAL, "x").version


BROKEN = {
    "plain http": ("{webhook: {url: 'http://hooks.example.com/', secret: 'env:S'}}", "no https:// address", "env:NAME"),
    "the secret": (f"{{webhook: {{url: '{URL}', secret: hush}}}}", "not be the secret itself", "file:PATH"),
    "no secret": (f"{{webhook: {{url: '{URL}'}}}}", "has no secret", "add secret"),
    "a grade": (f"{{webhook: {{url: '{URL}', secret: 'env:S', grades: [E]}}}}", "lists E", "A"),
    "an owner": ("{owner: '005'}", "cannot set an owner", "Flow"),
    "a queue": ("{queue: x}", "cannot set a queue", "assignment rule"),
    "a task": ("{task: call}", "cannot set a task", "Flow"),
}


@pytest.mark.parametrize(("text", "message", "fix"), BROKEN.values(), ids=BROKEN)
def test_a_mistake_is_told_once_with_its_mend_and_never_the_secret(text, message, fix):
    with pytest.raises(MappingInvalid) as caught:
        handed(text)

    (problem,) = caught.value.problems
    assert message in problem.message
    assert fix in problem.fix
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "may"),
    [
        ("https://a.example/x", True),
        ("http://127.0.0.1:80/x", True),
        ("http://[::1]/x", True),
        ("http://localhost/", True),
        ("http://a.example/", False),
        ("http://localhost.a.example/", False),
        ("ftp://a.example", False),
        ("https://", False),
        ("http://[", False),
        ("https//a", False),
    ],
)
def test_only_https_or_this_machine_is_told(url, may):
    assert may_be_sent_to(url) is may


@pytest.mark.parametrize("name", [*vocabulary.HANDOVER_KEYS, *vocabulary.WEBHOOK_KEYS])
def test_every_key_is_documented(name):
    assert f"`{name}`" in README
