"""Single sign-on with an OpenID provider that others have written, over sockets, with PKCE."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx2
import pytest

from contio_mock import Contio, FakeContio
from contio_mock.contract.idp import IdpConfigCreate

from .conftest import miss

HERE = Path(__file__).parent
FOLDER = HERE / "oidc-provider"
SECONDS = 30
METHODS = ("client_secret_basic", "client_secret_post")


@pytest.fixture
def contio() -> FakeContio:
    return FakeContio(check_answers=True)


@pytest.fixture
def live(contio: FakeContio) -> Iterator[str]:
    with contio.serve() as url:
        yield url


@pytest.fixture(params=METHODS)
def issuer(request: pytest.FixtureRequest, live: str) -> Iterator[str]:
    """A provider to which a client shows its secret by one of the two ways."""
    node = shutil.which("node")
    if node is None:
        miss("node is not installed")
    if not (FOLDER / "node_modules" / "oidc-provider").is_dir():
        miss("oidc-provider is not installed: npm --prefix tests/compat/oidc-provider install")
    client = {
        "client_id": "contio at idp",
        "client_secret": "s3cret: with + and %, which must be encoded",
        "redirect_uris": [f"{live}/v1/partner/sso/callback"],
        "token_endpoint_auth_method": request.param,
    }
    with subprocess.Popen(
        [node, HERE / "provider.mjs", FOLDER, json.dumps(client)],
        env={**os.environ, "NO_PROXY": "*", "no_proxy": "*"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    ) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.communicate(timeout=SECONDS)  # it ends with its input


def sign_in(start: str, login: str) -> httpx2.Response:
    """Go through the provider's pages as a browser does, up to the page of the partner at Contio."""
    with httpx2.Client(trust_env=False, timeout=SECONDS) as browser:
        answer = browser.get(start)
        for _ in range(20):
            if answer.is_redirect:
                answer = browser.get(urljoin(str(answer.url), answer.headers["location"]))
                continue
            form = re.search(r'<form[^>]* action="([^"]+)"', answer.text)
            if urlsplit(str(answer.url)).path.startswith("/p/") or form is None:
                return answer
            prompt = re.search(r'name="prompt" value="(\w+)"', answer.text)
            assert prompt is not None, answer.text
            fields = {"prompt": prompt[1], "login": login, "password": "any"}
            answer = browser.post(urljoin(str(answer.url), form[1]), data=fields)
        raise AssertionError("it redirects for ever")


def configured(live: str, issuer: str) -> str:
    """Where a sign-in with that provider begins."""
    with Contio(base_url=live, api_key="ctio_demo_key", client_id="partner_demo") as admin:
        wish = IdpConfigCreate(
            name="Acme",
            mode="partner_managed",
            discovery_url=f"{issuer}/.well-known/openid-configuration",
            idp_client_id="contio at idp",
            idp_client_secret="s3cret: with + and %, which must be encoded",
        )
        assert admin.admin.idp.create(wish).issuer == issuer
    return f"{live}/v1/partner/sso/initiate?slug=demo-integration&auto=true&target=backlog"


def test_somebody_signs_in(contio: FakeContio, live: str, issuer: str) -> None:
    landed = sign_in(configured(live, issuer), "ada@example.com")
    handed = parse_qs(urlsplit(str(landed.url)).query)
    assert handed["sso"] == ["completed"], handed
    session = contio.sandbox.store.sso_sessions.get(handed["session_id"][0])
    assert session is not None
    ada = contio.sandbox.store.users.first("email", "ada@example.com")
    assert (session.status, session.target, session.user_id) == ("completed", "backlog", ada and ada.id)
    assert "Ada Lovelace" in landed.text


def test_somebody_unknown_is_refused(live: str, issuer: str) -> None:
    landed = sign_in(configured(live, issuer), "nobody@example.com")
    assert parse_qs(urlsplit(str(landed.url)).query)["error"] == ["user_not_connected"]
    assert "nobody@example.com has not connected" in landed.text
