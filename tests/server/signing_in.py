"""The steps of the sign-in, as a browser without scripts takes them."""

from __future__ import annotations

import html
import re
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2

REDIRECT = "http://localhost:3000/callback"


def authorization(**changed: str) -> str:
    wish = {
        "response_type": "code",
        "client_id": "partner_demo",
        "redirect_uri": REDIRECT,
        "scope": "openid profile",
        "state": "a state & more",
    }
    return "/oauth2/authorize?" + urlencode({**wish, **changed})


def onward(client: httpx2.Client, answer: httpx2.Response) -> httpx2.Response:
    """Follow one redirect within the mock, as a browser does."""
    assert answer.status_code in (302, 303), answer.text
    target = urlsplit(answer.headers["location"])
    assert target.netloc in ("", urlsplit(str(client.base_url)).netloc)
    return client.get(str(httpx2.URL(str(client.base_url)).join(f"{target.path}?{target.query}")))


def form(page: httpx2.Response) -> str:
    """Where the page's first form goes."""
    found = re.search(r'<form method="post" action="([^"]+)"', page.text)
    assert found, page.text
    return str(httpx2.URL(str(page.url)).join(html.unescape(found[1])))


def submit(client: httpx2.Client, page: httpx2.Response, **fields: str) -> httpx2.Response:
    headers = {"origin": origin(client), "sec-fetch-site": "same-origin"}
    return client.post(form(page), data=fields, headers=headers)


def origin(client: httpx2.Client) -> str:
    parts = urlsplit(str(client.base_url))
    return f"{parts.scheme}://{parts.netloc}"


def shown_code(page: httpx2.Response) -> str:
    found = re.search(r'id="mock-code">(\d{6})<', page.text)
    assert found, page.text
    return found[1]


def to_code_page(client: httpx2.Client, email: str, **wish: str) -> httpx2.Response:
    login = onward(client, client.get(authorization(**wish)))
    assert login.status_code == 200
    return onward(client, submit(client, login, email=email))


def to_consent_page(client: httpx2.Client, email: str, **wish: str) -> httpx2.Response:
    code = to_code_page(client, email, **wish)
    return onward(client, submit(client, code, code=shown_code(code)))


def returned(answer: httpx2.Response) -> dict[str, str]:
    """What the redirect URI gets."""
    assert answer.status_code == 303, answer.text
    location = answer.headers["location"]
    assert location.startswith(REDIRECT + "?")
    return {name: value for name, (value,) in parse_qs(urlsplit(location).query).items()}
