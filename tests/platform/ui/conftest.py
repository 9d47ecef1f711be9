from collections.abc import Iterator
from types import SimpleNamespace
from typing import cast

import pytest
from django.http import HttpRequest
from django.test import RequestFactory, override_settings

from haven.platform.accounts.models import User


@pytest.fixture(autouse=True)
def _own_addresses() -> Iterator[None]:
    with override_settings(ROOT_URLCONF="tests.platform.ui.addresses"):
        yield


def request_for(address: str = "/") -> HttpRequest:
    request = RequestFactory().get(address)
    request.user = cast(User, SimpleNamespace(pk=7, is_authenticated=True))
    return request
