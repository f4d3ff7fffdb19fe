"""What strangers give is held as far as it may go, and whoever sends more is told apart."""

import pytest

from openprep.bounded import (
    TooMany,
    first_of,
    first_of_file,
    whole_file,
    whole_of,
    within,
)

PARTS = {
    "one": [b"123456"],
    "each": [b"1", b"2", b"3", b"4", b"5", b"6"],
    "with nothing between": [b"", b"123", b"", b"456", b""],
}


class Sender:
    """Sends parts, then more of them without end, and counts how many were taken."""

    def __init__(self, parts, endless=False):
        self.parts, self.endless, self.taken = parts, endless, 0

    async def __aiter__(self):
        for part in self.parts:
            self.taken += 1
            yield part
        while self.endless:
            self.taken += 1
            yield b"more"


@pytest.mark.parametrize("parts", PARTS.values(), ids=PARTS)
async def test_what_has_as_many_bytes_as_it_may_is_whole(parts, tmp_path):
    (tmp_path / "file").write_bytes(b"123456")
    for limit in (6, 7, 1000):
        assert await whole_of(Sender(parts), limit) == b"123456"
        assert b"".join(within(parts, limit)) == b"123456"
        assert whole_file(tmp_path / "file", limit) == b"123456"


@pytest.mark.parametrize("parts", PARTS.values(), ids=PARTS)
async def test_one_byte_more_is_too_many(parts, tmp_path):
    (tmp_path / "file").write_bytes(b"123456")
    for limit in (0, 1, 5):
        with pytest.raises(TooMany, match=f"^more than {limit} bytes$"):
            await whole_of(Sender(parts), limit)
        with pytest.raises(TooMany, match=f"^more than {limit} bytes$"):
            b"".join(within(parts, limit))
        with pytest.raises(TooMany, match=f"^more than {limit} bytes$"):
            whole_file(tmp_path / "file", limit)


async def test_nobody_who_sends_without_end_is_listened_to_without_end():
    sender = Sender([], endless=True)
    with pytest.raises(TooMany):
        await whole_of(sender, 1000)
    assert sender.taken == 251
    sender = Sender([], endless=True)
    assert await first_of(sender, 1000) == b"more" * 250
    assert sender.taken == 250


@pytest.mark.parametrize("parts", PARTS.values(), ids=PARTS)
async def test_the_first_bytes_are_as_many_as_were_asked_for_or_as_there_are(parts, tmp_path):
    (tmp_path / "file").write_bytes(b"123456")
    for most in (0, 1, 4, 6, 7):
        assert await first_of(Sender(parts), most) == b"123456"[:most]
        assert first_of_file(tmp_path / "file", most) == b"123456"[:most]
