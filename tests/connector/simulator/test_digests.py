from connector.simulator.digests import digests

RECORD = {"Id": "A", "Company": "Acme", "TG_Score__c": 70, "TG_Scored_At__c": "noon", "SystemModstamp": "noon"}


def of(**changed):
    return digests({"A": RECORD | changed})["A"]


def test_the_moment_of_scoring_and_the_stamps_do_not_count():
    assert of(TG_Scored_At__c="later", SystemModstamp="later", LastModifiedById="B", hs_lastmodifieddate="x") == of()


def test_our_values_and_theirs_are_told_apart():
    ours, theirs = of()

    assert of(TG_Score__c=71)[1] == theirs
    assert of(TG_Score__c=71)[0] != ours
    assert of(Company="Zenith")[0] == ours
    assert of(Company="Zenith")[1] != theirs


def test_a_record_that_we_never_wrote_has_no_hash_of_ours():
    assert of(TG_Score__c=None)[0] is None
    assert of(Fax=None) == of()
