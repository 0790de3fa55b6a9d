"""The plugin is tested as its users meet it: in a test run of its own."""

from __future__ import annotations

import aiohttp  # noqa: F401 - see below
import joserfc.jwk
import joserfc.jwt  # noqa: F401
import pytest

import pytest_contio_mock.live
import pytest_contio_mock.webhooks  # noqa: F401 - see below

# A suite that pytester runs in this process takes back what it imported. What is imported here stays,
# so that objects made before and after such a run are of the same classes.


@pytest.fixture
def suite(pytester: pytest.Pytester) -> pytest.Pytester:
    """An empty test suite that treats warnings as errors and loads the installed plugin only."""
    pytester.makeini("[pytest]\nfilterwarnings = error\naddopts = -p no:cacheprovider --strict-markers\n")
    return pytester
