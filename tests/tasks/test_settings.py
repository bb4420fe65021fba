import pytest

from tasks.connections import load_connections
from tasks.settings import Secrets, SettingsInvalid, load_settings

GOOD = """
connections:
  acme:
    crm: hubspot
    sign_in: {kind: token, token: env:HUBSPOT_TOKEN}
"""


def write(folder, text):
    (folder / "connections.yaml").write_text(text, encoding="utf-8")
    return folder


def test_a_connection_is_read_under_its_name(tmp_path):
    connection = load_connections(write(tmp_path, GOOD))["acme"]

    assert (connection.name, connection.crm, connection.sign_in.kind) == ("acme", "hubspot", "token")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (GOOD.replace("token: env", "tokn: env"), ["acme", "tokn", "Did you mean token?"]),
        (GOOD.replace("crm: hubspot", "crm: hubspott"), ["acme", "crm", "hubspot"]),
        (GOOD.replace("kind: token,", "kind: jwt,"), ["acme"]),
        (GOOD.replace("crm: hubspot", "crm: salesforce"), ["acme", "no sign-in token", "client_credentials"]),
        (GOOD.replace("sign_in:", "sign-in:"), ["acme", "sign-in"]),
        (GOOD + "    daily_share: 50\n", ["acme", "daily_share", "less than or equal to 1"]),
        (GOOD + "    daily_calls: 0\n", ["acme", "daily_calls"]),
        (GOOD.replace(", token: env:HUBSPOT_TOKEN", ""), ["acme", "the key sign_in.token is missing"]),
        (
            GOOD.replace("kind: token,", "kind: refresh_token, client_id: a, client_secret: b,"),
            ["no key sign_in.token"],
        ),
        (
            GOOD.replace("{kind: token, token:", "{kind: refresh_token, client_id: a, client_secret:"),
            ["the key sign_in.refresh_token is missing. Add it."],
        ),
        (GOOD.replace("kind: token, ", ""), ["the key sign_in.kind is missing", "client_credentials"]),
        (GOOD.replace("token: env:HUBSPOT_TOKEN", "token: [x]"), ["sign_in.token is no text", "env:NAME or file:PATH"]),
        (GOOD.replace("{kind: token, token: env:HUBSPOT_TOKEN}", "env:X"), ["sign_in is no block of keys", "kind"]),
        (GOOD + "    url: 3\n", ["url is no text", "in quotes"]),
        ("connections: []", ["connections"]),
        ("", ["connections"]),
        ("a: [", ["not YAML"]),
        ("connections:\n  acme: 3\n", ["acme", "block of keys"]),
    ],
)
def test_a_wrong_connections_file_is_told_in_one_sentence(tmp_path, text, words):
    with pytest.raises(SettingsInvalid) as told:
        load_connections(write(tmp_path, text))

    for word in ["connections.yaml", *words]:
        assert word in str(told.value)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    "text",
    [
        GOOD.replace("kind: token,", "kind: pat-na1-literal,"),
        GOOD.replace("token: env:HUBSPOT_TOKEN", "token: [pat-na1-literal]"),
        GOOD.replace("{kind: token, token: env:HUBSPOT_TOKEN}", "pat-na1-literal"),
    ],
)
def test_a_secret_in_a_wrong_place_is_not_shown(tmp_path, text):
    with pytest.raises(SettingsInvalid, match=r"sign_in.*kind|sign_in\.token") as told:
        load_connections(write(tmp_path, text))

    assert "pat-na1" not in str(told.value)


def test_a_missing_file_says_how_to_make_one(tmp_path):
    with pytest.raises(SettingsInvalid, match="truegrade init"):
        load_connections(tmp_path)


def test_a_secret_comes_from_the_environment_or_a_file(tmp_path):
    (tmp_path / "key").write_text("s3cret\n", encoding="utf-8")
    secrets = Secrets(environment={"TOKEN": "t0ken"}, folder=tmp_path)

    assert secrets.value("env:TOKEN", where="token") == "t0ken"
    assert secrets.value("file:key", where="token") == "s3cret"
    assert "t0ken" not in repr(secrets)


@pytest.mark.parametrize(
    "reference",
    [
        "pat-na1-literal",
        "env:",
        "env:UNSET",
        "env:pat-na1-literal",
        f"env:{'F0' * 32}",
        "file:nowhere",
        "file:empty",
        "vault:x",
    ],
)
def test_a_secret_that_is_no_reference_or_not_there_is_refused_without_showing_it(tmp_path, reference):
    (tmp_path / "empty").write_text("", encoding="utf-8")
    secrets = Secrets(environment={}, folder=tmp_path)

    with pytest.raises(SettingsInvalid) as told:
        secrets.value(reference, where="token of connection acme")

    assert "token of connection acme" in str(told.value)
    assert not any(secret in str(told.value) for secret in ("pat-na1-literal", "F0F0"))


def test_a_wrong_environment_variable_is_named(monkeypatch):
    monkeypatch.setenv("TRUEGRADE_SYNC_EVERY_S", "soon")

    with pytest.raises(SettingsInvalid, match="TRUEGRADE_SYNC_EVERY_S is set to 'soon'"):
        load_settings()


def test_the_home_given_on_the_command_line_wins(monkeypatch, tmp_path):
    monkeypatch.setenv("TRUEGRADE_HOME", "/elsewhere")

    settings = load_settings(tmp_path)

    assert settings.home == tmp_path
    assert settings.store_url == f"sqlite:///{tmp_path / 'truegrade.db'}"


@pytest.mark.parametrize("name", ["database_url", "redis_url"])
def test_an_address_may_be_in_a_file_of_the_home_folder(monkeypatch, tmp_path, name):
    (tmp_path / "address").write_text("redis://:s3cret@host/0\n", encoding="utf-8")
    monkeypatch.setenv(f"TRUEGRADE_{name.upper()}_FILE", "address")

    assert getattr(load_settings(tmp_path), name) == "redis://:s3cret@host/0"


@pytest.mark.parametrize(
    "url", ["http://:s3cret@host", "redis://:s3c/ret@host/0", "redis://host:x/0", "redis://h:99999"]
)
def test_an_address_of_redis_that_cannot_be_read_is_told_without_showing_it(monkeypatch, url):
    monkeypatch.setenv("TRUEGRADE_REDIS_URL", url)

    with pytest.raises(SettingsInvalid, match="redis://") as told:
        load_settings()

    assert "s3c" not in str(told.value)


def test_an_address_in_a_file_that_is_wrong_is_told_without_showing_it(monkeypatch, tmp_path):
    (tmp_path / "address").write_text("http://:s3cret@host", encoding="utf-8")
    monkeypatch.setenv("TRUEGRADE_REDIS_URL_FILE", str(tmp_path / "address"))

    with pytest.raises(SettingsInvalid, match=r"TRUEGRADE_REDIS_URL is set: .*redis://") as told:
        load_settings(tmp_path)

    assert "s3cret" not in str(told.value)


def test_a_file_of_an_address_that_is_missing_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("TRUEGRADE_DATABASE_URL_FILE", "/run/secrets/nowhere")

    with pytest.raises(SettingsInvalid, match="TRUEGRADE_DATABASE_URL is read from /run/secrets/nowhere"):
        load_settings(tmp_path)


def test_an_address_given_twice_is_refused(monkeypatch, tmp_path):
    (tmp_path / "address").write_text("redis://host/0", encoding="utf-8")
    monkeypatch.setenv("TRUEGRADE_REDIS_URL_FILE", "address")
    monkeypatch.setenv("TRUEGRADE_REDIS_URL", "redis://other/0")

    with pytest.raises(SettingsInvalid, match="both set"):
        load_settings(tmp_path)


@pytest.mark.parametrize("name", ["TRUEGRADE_ALERT_WEBHOOK", "TRUEGRADE_SMTP_PASSWORD"])
def test_a_secret_in_the_place_of_its_reference_is_refused_without_showing_it(monkeypatch, name):
    monkeypatch.setenv(name, "https://hooks.example.org/s3cret")

    with pytest.raises(SettingsInvalid, match="env:NAME or file:PATH") as told:
        load_settings()

    assert name in str(told.value)
    assert "s3cret" not in str(told.value)


DEALS = GOOD + "    daily_calls: 500\n  deals: {same_as: acme, scored: deal}\n"


def test_a_connection_of_deals_shares_what_the_other_one_says(tmp_path):
    found = load_connections(write(tmp_path, DEALS))

    acme, deals = found["acme"], found["deals"]
    assert (deals.name, deals.scored, deals.preset, deals.account) == ("deals", "deal", "hubspot-deals", "acme")
    assert (deals.crm, deals.sign_in, deals.daily_calls) == (acme.crm, acme.sign_in, 500)
    assert (acme.scored, acme.preset, acme.account) == ("lead", "hubspot", "acme")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (DEALS.replace("same_as: acme", "same_as: acne"), ["deals", "same_as", "acne", "acme"]),
        (DEALS + "  more: {same_as: deals, scored: lead}\n", ["more", "same_as", "deals"]),
        (DEALS.replace("scored: deal", "scored: deal, url: https://x.example"), ["deals", "url is said by acme"]),
        (DEALS.replace(", scored: deal", ""), ["deals scores what acme scores"]),
        (DEALS + "  twice: {same_as: acme, scored: deal}\n", ["deals scores what twice scores", "remove one of both"]),
        (DEALS.replace("scored: deal", "scored: contact"), ["deals", "contacts are its leads"]),
        (DEALS.replace("scored: deal", "scored: account"), ["deals", "scored", "account"]),
    ],
)
def test_a_wrong_connection_of_deals_is_told_in_one_sentence(tmp_path, text, words):
    with pytest.raises(SettingsInvalid) as told:
        load_connections(write(tmp_path, text))

    for word in ["connections.yaml", *words]:
        assert word in str(told.value)
