from hypothesis import given
from hypothesis import strategies as st

from mappings.texts import fitted
from model.visible import visible


@given(st.text(max_size=80), st.integers(10, 60))
def test_a_text_is_shortened_between_words(text, length):
    line = " ".join(visible(text).split())

    found = fitted(text, length)

    assert len(found) <= length
    if found != line:
        assert found.endswith("...")
        kept = found[:-3]
        assert line.startswith(kept)
        if " " in line[: length - 2]:
            assert not line[len(kept)].isalnum() or not kept[-1:].isalnum()
