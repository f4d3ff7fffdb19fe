"""What the tests of forms share."""

import pytest

from forms.shipped import CONTESTS, thinned
from openprep.election import Election


@pytest.fixture(scope="session")
def elections(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Election]:
    place = tmp_path_factory.mktemp("elections")
    return {name: thinned(name, place) for name in {name for name, _ in CONTESTS}}
