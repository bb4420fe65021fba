"""What `truegrade connect` shows of our fields: each fix once, with every field that it mends."""

from tasks.ready import Check, together

ABSENT = "not there, or not visible to this user; run `truegrade provision`"


def test_fields_that_want_the_same_fix_share_a_line():
    checks = [Check("write TG_Score__c", False, ABSENT), Check("write TG_Grade__c", False, ABSENT)]

    assert together(checks) == [Check("write TG_Score__c, TG_Grade__c", False, ABSENT)]


def test_another_fix_has_a_line_of_its_own_where_it_first_came():
    read_only = Check("write TG_Grade__c", False, "read-only for this user")
    checks = [Check("write TG_Score__c", False, ABSENT), read_only, Check("write TG_Fit__c", False, ABSENT)]

    assert together(checks) == [Check("write TG_Score__c, TG_Fit__c", False, ABSENT), read_only]


def test_entities_keep_their_lines_though_they_lack_the_same():
    checks = [Check("read lead", False, "no scope"), Check("read deal", False, "no scope")]

    assert together(checks) == checks
