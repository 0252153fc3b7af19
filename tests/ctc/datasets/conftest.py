"""A site with one dataset on it."""

import pytest
from bad_site import NAME, Site, dataset, zipped


@pytest.fixture
def site(monkeypatch):
    for variable in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(variable, raising=False)
    running = Site()
    yield running
    running.server.shutdown()
    running.server.server_close()


@pytest.fixture
def archive(site):
    """The archive of the dataset, on the site."""
    content = zipped(dataset().items())
    site.files[f"/training-datasets/{NAME}.zip"] = content
    return content
