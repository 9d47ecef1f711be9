"""Requests every address of the product, from its own URL configuration, as one user, and returns the responses in a comparable form."""

import contextlib
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

OWN_ACCOUNT = ("account", "mfa", "usersessions", "socialaccount")
"""Library pages about the user's own sign-in, which show new secrets at each visit."""
_OF_THE_MOMENT = re.compile(rb"[A-Za-z0-9]{64}|nonce=\"[^\"]*\"")
"""CSRF tokens and script nonces: different at every visit."""


def named_addresses(
    resolver: URLResolver | None = None, spaces: tuple[str, ...] = ()
) -> Iterator[tuple[str, URLPattern]]:
    """Every named address of the URL configuration, with its full name ("app:page")."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            inner = (*spaces, pattern.namespace) if pattern.namespace else spaces
            yield from named_addresses(pattern, inner)
        elif pattern.name:
            name = ":".join((*spaces, pattern.name))
            if not name.startswith(OWN_ACCOUNT):
                yield name, pattern


def addresses(samples: Sequence[str], **by_name: Sequence[Any]) -> list[tuple[str, str]]:
    """(name, address) of every page with suitable arguments: those of `by_name`, else all samples that fit the converter. Each sample is
    used in each position, but not every combination of them. Raises LookupError for an address without suitable arguments."""
    found: dict[str, str] = {}
    for name, _ in named_addresses():
        for arguments in _arguments(name, samples, by_name):
            found.setdefault(reverse(name, kwargs=arguments), name)
    return [(name, address) for address, name in found.items()]


def _arguments(name: str, samples: Sequence[str], by_name: Mapping[str, Sequence[Any]]) -> Iterator[dict[str, Any]]:
    *spaces, page = name.split(":")
    resolver = get_resolver()
    for space in spaces:
        resolver = resolver.namespace_dict[space][1]
    for _, _, _, converters in resolver.reverse_dict.getlist(page):
        pools = [by_name.get(key) or _fitting(converter, samples) for key, converter in converters.items()]
        if not all(pools):
            raise LookupError(f"No sample fits the address {name}: add one.")
        for turn in range(max(map(len, pools), default=1)):
            yield {key: pool[turn % len(pool)] for key, pool in zip(converters, pools, strict=True)}


def _fitting(converter: Any, samples: Sequence[str]) -> list[Any]:
    fitting = []
    for sample in samples:
        if re.fullmatch(converter.regex, sample):
            with contextlib.suppress(ValueError):
                fitting.append(converter.to_python(sample))
    return fitting[:4]


def ask(client: Client, address: str) -> tuple[int, str, bytes]:
    """Status, redirect target, and the body without the parts that differ at every visit."""
    answer = client.get(address)
    body = b"".join(answer) if getattr(answer, "streaming", False) else answer.content
    return answer.status_code, answer.headers.get("Location", ""), _OF_THE_MOMENT.sub(b"-", body)
