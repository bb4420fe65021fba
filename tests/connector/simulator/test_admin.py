import pytest
import requests

BELL = "/services/data/bell"


@pytest.fixture
def ask(simulator):
    with requests.Session() as session:

        def asked(method, path, content=None):
            reply = session.request(method, f"{simulator.url}/simulator/{path}", json=content, timeout=10)
            return reply.status_code, reply.json().get("result", reply.json().get("detail"))

        yield asked


def test_health_names_the_crms(ask):
    assert ask("GET", "health") == (200, {"crms": ["salesforce"]})


def test_its_own_requests_are_not_logged(ask, simulator):
    ask("GET", "health")

    assert simulator.log.count() == 0


def test_the_log_is_counted_listed_and_cleared(ask, simulator):
    requests.get(simulator.url + BELL, timeout=10)

    assert ask("GET", "log") == (200, {"salesforce": {"read": 1}})
    assert [entry["path"] for entry in ask("GET", "log/entries?crm=salesforce&kind=read")[1]] == [BELL]
    assert ask("GET", "log/entries?kind=write") == (200, [])
    assert ask("DELETE", "log") == (200, None)
    assert ask("GET", "log") == (200, {})


def test_a_fault_is_planned_and_taken_back(ask, simulator):
    ask("POST", "faults", {"crm": "salesforce", "kind": "read", "fault": "503", "times": 5})

    assert requests.get(simulator.url + BELL, timeout=10).status_code == 503
    assert ask("GET", "faults")[1] == [{"crm": "salesforce", "kind": "read", "fault": "503", "after": 0, "times": 4}]

    ask("DELETE", "faults")

    assert requests.get(simulator.url + BELL, timeout=10).status_code == 200


def test_the_truth_is_told_by_record_id(ask):
    assert ask("POST", "truth", {"crm": "salesforce", "ids": ["b1", "x1"]}) == (200, {"b1": 0.5})


def test_operations_are_called_by_name(ask, bell):
    assert ask("GET", "salesforce") == (200, ["ring", "shout"])
    assert ask("POST", "salesforce/ring", {"times": 3}) == (200, 3)
    assert bell.rung == 3


@pytest.mark.parametrize(
    ("path", "content", "status", "words"),
    [
        ("salesforce/truth", {}, 404, "no operation 'truth', only ring, shout"),
        ("hubspot/ring", {}, 404, "no CRM 'hubspot' here, only salesforce"),
        ("salesforce/ring", {"often": 3}, 400, "unexpected keyword argument 'often'"),
        ("salesforce/ring", {"times": "3"}, 400, "TypeError"),
        ("salesforce/shout", {}, 400, "nobody hears"),
    ],
)
def test_a_wrong_call_is_explained(ask, path, content, status, words):
    code, detail = ask("POST", path, content)

    assert code == status
    assert words in detail
