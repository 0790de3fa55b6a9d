"""A browser and a partner's back end for the JSON operations of the authorization flow."""

from __future__ import annotations

from base64 import b64encode, urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from contio_mock import Contio, FakeContio
from contio_mock.contract.oauth import (
    AuthInitiate,
    AuthInitiated,
    AuthVerified,
    AuthVerify,
    Consent,
    ConsentGiven,
    TokenRequest,
    TokenResponse,
)
from contio_mock.contract.wire import Request, Response

TWO_APPS = str(Path(__file__).parent / "data" / "two_apps.json")
CALLBACK = "http://localhost:3000/callback"
VERIFIER = "a-verifier-that-is-longer-than-43-characters-~._"


def s256(verifier: str) -> str:
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def basic(client_id: str, secret: str) -> str:
    return "Basic " + b64encode(f"{client_id}:{secret}".encode()).decode()


@dataclass
class Flow:
    """One partner app's way through the flow; every step is a request."""

    contio: FakeContio
    client_id: str = "partner_demo"
    secret: str = "cs_demo_secret"
    redirect_uri: str = CALLBACK
    email: str = "ada@example.com"

    @property
    def client(self) -> Contio:
        return self.contio.control

    @property
    def basic(self) -> str:
        return basic(self.client_id, self.secret)

    def initiate(self, **wish: Any) -> AuthInitiated:
        return self.client.oauth.initiate(AuthInitiate(client_id=self.client_id, email=self.email, **wish))

    def mailed_code(self) -> str:
        return self.contio.inbox(self.email)[0].code

    def verify(self, session: str, code: str | None = None) -> AuthVerified:
        return self.client.oauth.verify(
            AuthVerify(
                client_id=self.client_id,
                email=self.email,
                session=session,
                code=self.mailed_code() if code is None else code,
            )
        )

    def sign_in(self, **wish: Any) -> AuthVerified:
        return self.verify(self.initiate(**wish).session)

    def consent(self, *, consent: bool = True, cookie: str | None = None, **given: Any) -> ConsentGiven:
        body = {
            "client_id": self.client_id,
            "email": self.email,
            "redirect_uri": self.redirect_uri,
            "response_type": "code",
            **given,
        }
        return self.client.oauth.consent(Consent(consent=consent, **body), cookie=cookie)

    def code(self, scope: str = "openid profile email meetings:read", **given: Any) -> str:
        self.sign_in()
        code = self.consent(scope=scope, **given).code
        assert code is not None
        return code

    def token(self, **form: Any) -> TokenResponse:
        return self.client.oauth.token(TokenRequest(**form), authorization=self.basic)

    def exchange(self, code: str, **form: Any) -> TokenResponse:
        given = {"grant_type": "authorization_code", "code": code, "redirect_uri": self.redirect_uri}
        return self.token(**{**given, **form})

    def tokens(self, scope: str = "openid profile email meetings:read", **given: Any) -> TokenResponse:
        return self.exchange(self.code(scope, **given))

    def refresh(self, tokens: TokenResponse | str, scope: str | None = None) -> TokenResponse:
        value = tokens if isinstance(tokens, str) else tokens.refresh_token
        return self.token(grant_type="refresh_token", refresh_token=value, scope=scope)

    def is_active(self, token: str | None) -> bool:
        assert token is not None
        return self.client.oauth.introspect({"token": token}).active  # type: ignore[arg-type]

    def user_client(self, tokens: TokenResponse) -> Contio:
        return Contio(base_url=self.client.base_url, tokens=tokens.access_token, transport=self.contio.handle)

    def get_authorize(self, cookie: str | None = None, **query: Any) -> Response:
        given = {"client_id": self.client_id, "redirect_uri": self.redirect_uri, "response_type": "code"}
        sent = {name: value for name, value in {**given, **query}.items() if value is not None}
        headers = {} if cookie is None else {"cookie": cookie}
        return self.contio.handle(Request("GET", "/oauth2/authorize", urlencode(sent), headers))


def landed(response: Response) -> tuple[str, dict[str, str]]:
    """Where a redirect goes, and with which parameters."""
    assert response.status == 302
    location = response.header("location") or ""
    parts = urlsplit(location)
    query = {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
    return f"{parts.scheme}://{parts.netloc}{parts.path}", query


@pytest.fixture
def flow(contio: FakeContio) -> Flow:
    return Flow(contio)


@pytest.fixture
def tools() -> Any:
    """What the tests of this folder share beside the flow."""

    class Tools:
        CALLBACK, VERIFIER, TWO_APPS = CALLBACK, VERIFIER, TWO_APPS
        Flow = Flow
        s256 = staticmethod(s256)
        basic = staticmethod(basic)
        landed = staticmethod(landed)

    return Tools
