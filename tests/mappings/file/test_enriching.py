"""The section enrich: what is read, what is refused and why, and what has to be pulled for it."""

import re
from pathlib import Path

import pytest

from connector.crm import Entity
from connector.enrichment.sources import KeyedBy, ServiceSource, TableSource
from mappings import words
from mappings.enrichment import OFFLINE, PARTS
from mappings.file.load import MappingInvalid, parse
from mappings.frames.offline import COLUMNS
from tests.mappings.conftest import MINIMAL

TABLE = "{name: firms, table: firms.csv, key: domain, of: Email, fields: {sector: Sector}}"
SERVICE = (
    '{name: provider, url: "https://api.example.com/{domain}", fields: {industry: "company.tags[0]"}, '
    "auth: {header: Authorization, scheme: Bearer, secret: 'env:KEY'}, cost: 0.01, most_cost_a_day: 5, per_second: 2, "
    "keep_days: 30, when_down: wait}"
)


def mapped(*items, made_of="Industry"):
    enrich = "enrich:\n" + "".join(f"  - {item}\n" for item in items) if items else ""
    return parse(MINIMAL.replace("from: Industry", f"from: {made_of}") + enrich, "test.yaml")


def problems(*items, made_of="Industry"):
    with pytest.raises(MappingInvalid) as caught:
        mapped(*items, made_of=made_of)
    return str(caught.value)


def test_a_table_and_a_service_are_read():
    table, service = mapped(TABLE, SERVICE).enrich.sources

    assert table == TableSource("firms", "firms.csv", KeyedBy("domain", ("Email",)), "domain", (("sector", "Sector"),))
    assert isinstance(service, ServiceSource)
    assert service.url == "https://api.example.com/{key}"
    assert service.key == KeyedBy("domain", ("Email", "Website"))
    assert service.fields == (("industry", ("company", "tags", 0)),)
    assert (service.cost, service.most_cost_a_day, service.keep_days, service.waits) == (0.01, 5.0, 30, True)
    assert (service.header, service.scheme, service.secret) == ("Authorization", "Bearer", "env:KEY")


def test_a_body_is_kept_as_json_with_the_key_in_it():
    [service] = mapped(
        '{name: p, url: "https://a.example/", key: exact, of: Email, body: {q: {mail: "{exact}"}}, fields: {a: b}}'
    ).enrich.sources

    assert service.body == '{"q":{"mail":"{key}"}}'
    assert not service.key_is_in_url


@pytest.mark.parametrize(
    ("item", "why"),
    [
        ("{name: p, fields: {a: b}}", "needs one of table and url"),
        (TABLE.replace("csv", "xlsx"), "a .csv or a .parquet"),
        (TABLE.replace("domain", "dommain"), "did you mean domain?"),
        (TABLE.replace("sector:", "mail_kind:"), "given by what the record itself tells"),
        (TABLE.replace("{sector: Sector}", "{}"), "gives no fields"),
        (SERVICE.replace("https:", "http:"), "write https"),
        (SERVICE.replace("{domain}", "x").replace("fields", "key: domain, fields"), "put {key} into url or body"),
        (SERVICE.replace("env:KEY", "abc123"), "must name the secret"),
        (SERVICE.replace(", most_cost_a_day: 5", ""), "without a limit"),
        (SERVICE.replace("tags[0]", "tags[x]"), "write it as company.sites[0].country"),
        (SERVICE.replace("wait", "cry"), "when_down"),
        ("{name: offline, reads: {fax: Fax}}", "there is no key fax"),
        ("firms.csv", "write a block"),
    ],
)
def test_what_cannot_be_is_told_with_what_to_write(item, why):
    told = problems(item)

    assert why in told
    assert "abc123" not in told


def test_two_sources_cannot_give_one_field():
    assert "given by enrich firms already" in problems(TABLE, TABLE.replace("name: firms", "name: more"))
    assert "two sources" in problems(TABLE, TABLE.replace("sector:", "other:"))


def test_a_feature_cannot_be_made_of_what_nothing_gives():
    assert "did you mean" in problems(made_of="enriched.mailkind")


def test_what_is_behind_a_used_field_is_pulled_and_may_be_missing():
    mapping = mapped(made_of="[Industry, enriched.phone_country]")

    assert {"Phone", "MobilePhone", "Country"} <= set(mapping.source_fields(Entity.LEAD))
    assert {"Phone", "MobilePhone", "Country"} <= mapping.optional_fields(Entity.LEAD)
    assert {"Phone", "MobilePhone", "Country"} <= set(mapping.remembered_fields(Entity.LEAD))
    assert "enriched.phone_country" in mapping.inputs(Entity.LEAD)
    assert "Company" not in mapping.source_fields(Entity.LEAD)


def test_keys_are_pulled_only_for_sources_that_are_used():
    item = TABLE.replace("key: domain, of: Email", "key: postcode, of: PostalCode")

    assert "PostalCode" not in mapped(item).source_fields(Entity.LEAD)
    used = mapped(item, made_of="enriched.sector")
    assert "PostalCode" in used.source_fields(Entity.LEAD)
    assert "PostalCode" not in used.optional_fields(Entity.LEAD)


def test_only_what_moves_a_score_is_another_version():
    plain, used = mapped(), mapped(SERVICE, made_of="enriched.industry")

    assert mapped(SERVICE).version == plain.version
    assert mapped(SERVICE.replace("cost: 0.01", "cost: 0.02"), made_of="enriched.industry").version == used.version
    other = mapped(SERVICE.replace("tags[0]", "tags[1]"), made_of="enriched.industry")
    assert other.version != used.version


def test_every_offline_field_has_a_function_and_every_part_a_field():
    assert set(COLUMNS) == set(OFFLINE)
    for parts in PARTS.values():
        assert {part for needed in OFFLINE.values() for part in needed} <= set(parts)


def test_parts_may_be_held_by_other_fields():
    mapping = mapped("{name: offline, reads: {phone: [Direct__c, Phone]}}", made_of="enriched.phone_line")

    assert {"Direct__c", "Phone"} <= set(mapping.source_fields(Entity.LEAD))
    assert "MobilePhone" not in mapping.source_fields(Entity.LEAD)


def test_the_documented_section_is_read():
    text = (Path(words.__file__).parent / "README.md").read_text(encoding="utf-8")
    [shown] = re.findall(r"```yaml enrich\n(.*?)```", text, flags=re.DOTALL)
    mapping = parse(MINIMAL.replace("from: Industry", "from: [Industry, enriched.industry]") + shown, "README.md")

    assert [source.name for source in mapping.enrich.sources] == ["firms", "provider"]
    section = text.partition("### enrich\n")[2].partition("\n## ")[0]
    keys = {*words.TABLE_KEYS, *words.SERVICE_KEYS, *words.AUTH_KEYS, *words.KEY_KINDS, *words.WHEN_DOWN, "reads"}
    assert [name for name in (*keys, *OFFLINE) if f"`{name}" not in section] == []
