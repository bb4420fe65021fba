from hypothesis import given
from hypothesis import strategies as st

from tasks.store.content import packer


def test_nulls_are_dropped_and_names_sorted():
    data, _ = packer(("b", "a", "c"))(("1", "é", None))

    assert data == '{"a":"é","b":"1"}'


@given(st.dictionaries(st.text(max_size=5), st.none() | st.text(max_size=5), max_size=6), st.randoms())
def test_the_order_of_the_fields_does_not_matter(values, random):
    names = list(values)
    shuffled = random.sample(names, len(names))

    assert packer(names)([values[n] for n in names]) == packer(shuffled)([values[n] for n in shuffled])


def test_other_values_have_another_hash():
    pack = packer(("a", "b"))

    hashes = {pack(values)[1] for values in (("1", None), (None, "1"), ("1", "1"), ("11", None), (None, None))}

    assert len(hashes) == 5


def test_half_an_emoji_is_kept_as_a_replacement_character():
    data, content_hash = packer(("a",))(("caf\ud83d",))

    assert data == '{"a":"caf�"}'
    assert len(content_hash) == 16
