import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from mappings.matching.clusters import MOST_TOGETHER, Member, clusters, grouped
from mappings.matching.sameness import EMAIL, PHONE

NAMES = st.integers(0, 9).map("sf/{:02}".format)


def frame(*rows):
    return pl.DataFrame(rows, schema={"one": pl.String, "other": pl.String, "kind": pl.String}, orient="row")


def groups(examples, people=None, companies=None):
    made = pl.DataFrame(examples, schema={"id": pl.String, "group": pl.String}, orient="row")
    return grouped(made, people or {}, companies or {})["group"].to_list()


def test_what_hangs_together_is_one_cluster_and_each_says_its_own_reasons():
    assert clusters(frame(("a/1", "a/2", EMAIL), ("a/2", "b/3", PHONE), ("a/8", "a/9", EMAIL))) == {
        "a/1": Member("a/1", EMAIL),
        "a/2": Member("a/1", f"{EMAIL}, {PHONE}"),
        "b/3": Member("a/1", PHONE),
        "a/8": Member("a/8", EMAIL),
        "a/9": Member("a/8", EMAIL),
    }


@given(st.lists(st.tuples(NAMES, NAMES).filter(lambda pair: pair[0] < pair[1])), st.randoms(use_true_random=False))
def test_the_order_of_pairs_does_not_matter(found, random):
    rows = [(*pair, EMAIL) for pair in found]
    other = random.sample(rows, len(rows))

    assert clusters(frame(*rows)) == clusters(frame(*other))


@given(st.lists(st.tuples(NAMES, NAMES).filter(lambda pair: pair[0] < pair[1])))
def test_every_pair_is_in_one_cluster_that_is_named_after_its_first(found):
    made = clusters(frame(*((*pair, EMAIL) for pair in found)))

    assert all(made[one].cluster == made[other].cluster for one, other in found)
    assert all(
        min(name for name, of in made.items() if of.cluster == one.cluster) == one.cluster for one in made.values()
    )


def test_a_chain_of_weak_pairs_makes_no_crowd():
    chain = [(f"a/{number:03}", f"a/{number + 1:03}", PHONE) for number in range(MOST_TOGETHER)]

    assert set(clusters(frame(*chain[1:]))) == {f"a/{number:03}" for number in range(1, MOST_TOGETHER + 1)}
    assert clusters(frame(*chain, ("a/003", "a/004", EMAIL))) == {
        "a/003": Member("a/003", EMAIL),
        "a/004": Member("a/003", EMAIL),
    }


def test_examples_keep_the_group_of_their_company():
    assert groups([("1", "acme.com"), ("2", None), ("3", "acme.com")]) == ["acme.com", None, "acme.com"]


def test_a_person_brings_two_companies_into_one_group():
    one, other, third, alone = groups(
        [("1", "acme.com"), ("2", "beta.com"), ("3", "beta.com"), ("4", "c.com")],
        people={"1": "lead:sf/1", "2": "lead:sf/1"},
    )

    assert one == other == third != alone


def test_companies_that_are_the_same_are_one_group_and_so_are_people_of_none():
    found = groups(
        [("1", "acme.com"), ("2", "acme.de"), ("3", None), ("4", None), ("5", None)],
        people={"3": "lead:sf/3", "4": "lead:sf/3"},
        companies={"acme.com": "company:sf/9", "acme.de": "company:sf/9"},
    )

    assert found[0] == found[1] is not None
    assert found[2] == found[3] not in {found[0], None}
    assert found[4] is None
