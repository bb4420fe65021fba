from connector.simulator.faults import ANY, Faults


def taken(faults, *requests):
    return [faults.take(*request) for request in requests]


def test_a_fault_passes_over_the_first_requests_and_then_hits_as_often_as_planned():
    faults = Faults()
    faults.add("hubspot", "read", "503", after=2, times=2)

    hits = taken(faults, *[("hubspot", "read")] * 6)

    assert hits == [None, None, "503", "503", None, None]


def test_a_fault_counts_only_requests_of_its_crm_and_kind():
    faults = Faults()
    faults.add("hubspot", "write", "429", after=1)

    hits = taken(
        faults,
        ("salesforce", "write"),
        ("hubspot", "read"),
        ("hubspot", "write"),
        ("hubspot", "read"),
        ("hubspot", "write"),
    )

    assert hits == [None, None, None, None, "429"]


def test_a_fault_of_any_kind_hits_the_next_request_whatever_it_is():
    faults = Faults()
    faults.add("salesforce", ANY, "expired")

    assert taken(faults, ("salesforce", "describe"), ("salesforce", "describe")) == ["expired", None]


def test_of_two_faults_that_are_due_the_older_hits_first():
    faults = Faults()
    faults.add("hubspot", "read", "503")
    faults.add("hubspot", "read", "cut")

    assert taken(faults, *[("hubspot", "read")] * 3) == ["503", "cut", None]


def test_cleared_faults_never_hit():
    faults = Faults()
    faults.add("hubspot", "read", "503")

    faults.clear()

    assert faults.planned() == ()
    assert faults.take("hubspot", "read") is None
