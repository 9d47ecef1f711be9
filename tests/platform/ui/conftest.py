from types import SimpleNamespace

import pytest
from django.http import HttpRequest
from django.test import RequestFactory, override_settings


@pytest.fixture(autouse=True)
def _own_addresses():
    with override_settings(ROOT_URLCONF="tests.platform.ui.addresses"):
        yield


def request_for(address: str = "/") -> HttpRequest:
    request = RequestFactory().get(address)
    request.user = SimpleNamespace(pk=7, is_authenticated=True)
    return request
