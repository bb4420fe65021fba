import json
import re
from html.parser import HTMLParser

import numpy as np
import polars as pl
import pytest

from model.features import Feature
from model.report.page import page, percent, points, words
from tests.model.report.conftest import FEATURES, examples, told

EVIL = '</svg></title><script>alert("x")</script>'


class Reader(HTMLParser):
    """Collects elements and texts, as a browser would see them."""

    def __init__(self):
        super().__init__()
        self.elements, self.texts, self.attributes = [], [], []

    def handle_starttag(self, tag, attrs):
        self.elements.append(tag)
        self.attributes += [(tag, *pair) for pair in attrs]

    def handle_data(self, data):
        self.texts.append(data)


def read(text):
    reader = Reader()
    reader.feed(text)
    return reader


@pytest.fixture(scope="module")
def report():
    return told()


@pytest.fixture(scope="module")
def drawn(report):
    """Its page."""
    return page(report)


def test_every_section_has_its_heading_and_its_plots(drawn):
    reader = read(drawn)

    assert reader.elements.count("h2") == 14
    # the months, four curves, calibration, grades, money, two segments and the weights
    assert reader.elements.count("svg") == 11


def test_the_page_needs_no_network_and_no_script(drawn):
    assert "<script" not in drawn
    assert not re.findall(r'(?:src|href)="(?!#)[^"]*"', drawn.replace("xlink:", ""))
    assert "@import" not in drawn
    assert not re.findall(r"url\((?!#)", drawn)


def test_ids_come_once_and_links_lead_somewhere(drawn):
    reader = read(drawn)

    ids = [value for _, name, value in reader.attributes if name == "id"]
    links = [value for tag, name, value in reader.attributes if tag == "a" and name == "href"]
    assert len(ids) == len(set(ids))
    assert len(links) == 14
    assert {link.removeprefix("#") for link in links} <= set(ids)


def test_what_a_crm_holds_is_shown_and_not_obeyed():
    tested = examples(800, seed=2).with_columns(
        source=pl.when(pl.col("source") == "web").then(pl.lit(EVIL)).otherwise("source")
    )
    features = [Feature("source", f"Source {EVIL}", "category", "fit"), *FEATURES[1:]]
    finding = {"feature": "x", "label": EVIL, "verdict": EVIL, "reason": EVIL, "evidence": {EVIL: 1}}

    text = page(
        told(
            tested=tested,
            features=features,
            findings=[finding],
            funnel=[(EVIL, 1, EVIL)],
            card={"verdict": EVIL, "features": {"source": 1.0}, "milestone": EVIL},
            rivals={EVIL: np.linspace(0, 1, 800)},
        )
    )

    assert "<script" not in text
    assert read(text).elements.count("script") == 0
    assert "&lt;script&gt;" in text


def test_dollars_other_scripts_and_control_signs_survive():
    tested = examples(800, seed=2).with_columns(
        source=pl.when(pl.col("source") == "web")
        .then(pl.lit("$1M-$5M \N{CJK UNIFIED IDEOGRAPH-4E2D} \N{ROCKET}\x00\n"))
        .otherwise("source")
    )

    text = page(told(tested=tested))

    assert text.count("$1M-$5M \N{CJK UNIFIED IDEOGRAPH-4E2D} \N{ROCKET}") >= 2


def test_the_same_content_gives_the_same_page(report, drawn):
    assert drawn == page(json.loads(json.dumps(report)))


def test_the_numbers_of_the_page_are_those_of_the_json(report, drawn):
    text = " ".join(read(drawn).texts)

    for row in report["grades"]["grades"]:
        if row["rows"]:
            assert percent(row["rate"]) in text
    assert f"{report['rivals']['models'][0]['auc']:.3f}" in text
    assert percent(report["money"]["ways"][0]["captured"][2]) in text


def test_numbers_are_written_for_people():
    assert percent(0.1234) == "12.3%"
    assert percent(0.0004) == "0.04%"
    assert percent(None) == "\N{EN DASH}"
    assert points(-0.032) == "\N{MINUS SIGN}3.2"
    assert words({"auc_alone": 0.9412, "rows": 12_345, "when": None, "seen": True}) == (
        "auc alone 0.941, rows 12,345, when \N{EN DASH}, seen yes"
    )
