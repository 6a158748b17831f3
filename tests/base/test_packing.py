"""What was sealed short opens as it was; what older versions sealed long opens too."""

from __future__ import annotations

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.base import packing
from app.base.crypto import open_sealed, place_of, seal
from app.signing.online.models import OnlineSigning

documents = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=60),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=12), inner, max_size=8),
)
CONTRACT = {"employer": {"name": "示范科技有限责任公司", "uscc": "91110108MA0000000X"}, "hukou": {"accept": False}}


@given(documents)
def test_a_document_comes_back(document: object) -> None:
    content = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    assert packing.unpacked(packing.packed(content)) == content
    assert len(packing.packed(content)) <= len(content)


def test_the_words_are_never_changed() -> None:
    """Everything that was ever packed with them opens with these alone."""
    words = packing._words()
    assert hashlib.sha256(words).hexdigest() == "933fcee3b106ae93e79ba4ec4d9eb7a9e197bc519f53265cf60c4e51faf21360"


@pytest.mark.usefixtures("application")
def test_a_column_is_short_and_opens_what_was_long() -> None:
    column = OnlineSigning.snapshot.type
    plain = json.dumps(CONTRACT, ensure_ascii=False).encode()
    long = seal(plain, place_of(column.place, 7))
    short = seal(column.packed(CONTRACT), place_of(column.place, 7))
    assert len(short) < 0.7 * len(long)
    for one in (long, short):
        assert column.process_result_value(b"7\0" + one, None) == CONTRACT
        assert column.unpacked(open_sealed(one, place_of(column.place, 7))) == CONTRACT
