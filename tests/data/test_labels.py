"""Small helpers for messages."""

import pytest

from lampas.data.labels import format_share


@pytest.mark.parametrize(
    ("number", "total", "text"),
    [
        *((0, 9, "0%"), (9, 9, "100%"), (1, 3, "33%"), (998, 1000, "99.8%"), (2, 1000, "0.2%")),
        *((9_999, 10_000, ">99.9%"), (1, 10_000, "<0.1%"), (995, 1000, "99.5%"), (1, 2, "50%")),
    ],
)
def test_shares_do_not_round_to_none_or_all(number, total, text):
    assert format_share(number, total) == text
