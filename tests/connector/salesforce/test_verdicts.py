"""What Salesforce's answers mean: the table, row by row."""

import orjson
import pytest

from connector.salesforce.verdicts import RowVerdict, Verdict, judge, judge_row


def said(code, message=""):
    return orjson.dumps([{"errorCode": code, "message": message}])


HTML = b"<!DOCTYPE html><html><body>We are down for maintenance</body></html>"

CALLS = [
    (200, b'{"done":true}', Verdict.FINE, ""),
    (204, b"", Verdict.FINE, ""),
    (201, b"", Verdict.FINE, ""),
    (200, HTML, Verdict.AGAIN, "200"),
    (503, HTML, Verdict.AGAIN, "503"),
    (404, HTML, Verdict.AGAIN, "404"),
    (302, b"", Verdict.STOP, ""),
    (401, said("INVALID_SESSION_ID", "Session expired or invalid"), Verdict.EXPIRED, "INVALID_SESSION_ID"),
    (401, b"", Verdict.EXPIRED, ""),
    (401, said("INVALID_SESSION_ID", "This session is not valid for use with the REST API"), Verdict.STOP, None),
    (401, said("INVALID_SESSION_ID", "Connected app is not attached to Agent"), Verdict.STOP, None),
    (403, said("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."), Verdict.SPENT, "REQUEST_LIMIT_EXCEEDED"),
    (403, said("REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn Limit exceeded."), Verdict.AGAIN, None),
    (
        403,
        said("REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API Requests) Limit exceeded."),
        Verdict.AGAIN,
        None,
    ),
    (403, said("API_CURRENTLY_DISABLED"), Verdict.STOP, "API_CURRENTLY_DISABLED"),
    (403, said("INSUFFICIENT_ACCESS"), Verdict.STOP, "INSUFFICIENT_ACCESS"),
    (410, b"", Verdict.STOP, None),
    (404, said("UNSUPPORTED_API_VERSION"), Verdict.STOP, "UNSUPPORTED_API_VERSION"),
    (503, said("SERVER_UNAVAILABLE"), Verdict.AGAIN, "SERVER_UNAVAILABLE"),
    (500, said("UNKNOWN_EXCEPTION", "ErrorId: 1"), Verdict.AGAIN, "UNKNOWN_EXCEPTION"),
    (400, said("UNABLE_TO_LOCK_ROW"), Verdict.AGAIN, "UNABLE_TO_LOCK_ROW"),
    (406, b"", Verdict.AGAIN, "406"),
    (420, b"", Verdict.AGAIN, "420"),
    (429, b"", Verdict.AGAIN, "429"),
    (502, b"", Verdict.AGAIN, "502"),
    (504, b"gateway", Verdict.AGAIN, "504"),
    (400, said("INVALID_FIELD", "No such column 'X__c'"), Verdict.REJECTED, "INVALID_FIELD"),
    (400, said("INVALID_QUERY_LOCATOR"), Verdict.REJECTED, "INVALID_QUERY_LOCATOR"),
    (400, said("MALFORMED_QUERY"), Verdict.REJECTED, "MALFORMED_QUERY"),
    (400, orjson.dumps({"exceptionCode": "FeatureNotEnabled"}), Verdict.REJECTED, "FeatureNotEnabled"),
    (404, b"", Verdict.REJECTED, "404"),
    (400, b"[]", Verdict.REJECTED, "400"),
    (400, b"7", Verdict.REJECTED, "400"),
]


@pytest.mark.parametrize(("status", "body", "verdict", "code"), CALLS)
def test_a_reply_is_judged(status, body, verdict, code):
    judgement = judge(status, body)

    assert judgement.verdict is verdict
    assert code is None or judgement.code == code
    assert (judgement.fix != "") == (verdict is Verdict.STOP)


def test_a_concurrency_limit_waits_and_was_not_acted_on():
    judgement = judge(403, said("REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests Limit exceeded."))

    assert judgement.after_s
    assert not judgement.acted


@pytest.mark.parametrize(
    ("code", "verdict"),
    [
        ("CANNOT_UPDATE_CONVERTED_LEAD", RowVerdict.CONVERTED),
        ("ENTITY_IS_DELETED", RowVerdict.DELETED),
        ("UNABLE_TO_LOCK_ROW", RowVerdict.LOCKED),
        ("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", RowVerdict.CROWDED),
        ("INVALID_FIELD_FOR_INSERT_UPDATE", RowVerdict.FIELD),
        ("UNKNOWN_EXCEPTION", RowVerdict.PASSING),
        ("FIELD_CUSTOM_VALIDATION_EXCEPTION", RowVerdict.REFUSED),
        ("SOMETHING_NEW", RowVerdict.REFUSED),
    ],
)
def test_a_row_is_judged_by_its_code(code, verdict):
    assert judge_row(code) is verdict
