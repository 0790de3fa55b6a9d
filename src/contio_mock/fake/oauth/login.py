"""Signing in without a password: one-time codes by mail, and the sessions they open."""

from __future__ import annotations

import hmac
from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta

from contio_mock.contract.oauth import INVALID_CODE, SESSION_EXPIRED
from contio_mock.contract.shared import Timestamp
from contio_mock.fake.ids import Ids
from contio_mock.fake.problem import ApiError

ONE_TIME_CODE_LIFE = timedelta(minutes=3)
SESSION_LIFE = timedelta(minutes=30)
INBOX_KEPT = 1000


@dataclass(slots=True)
class Challenge:
    """A one-time code that was sent and waits to be typed in."""

    session: str
    app_id: str
    user_id: str
    code: str
    expires_at: Timestamp
    wrong: int = 0
    used: bool = False


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in browser."""

    id: str
    app_id: str
    user_id: str
    expires_at: Timestamp


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail: one with a one-time code, or with a text."""

    to: str
    code: str
    sent_at: Timestamp
    subject: str = "Your Contio sign-in code"
    text: str | None = None


class SignIns:
    """Challenges, sessions and mails of a sandbox."""

    def __init__(self, ids: Ids) -> None:
        self._ids = ids
        self.challenges: dict[str, Challenge] = {}
        self.sessions: dict[str, Session] = {}
        self._newest: dict[tuple[str, str], str] = {}
        self.mails: deque[Mail] = deque(maxlen=INBOX_KEPT)

    def challenge(self, app_id: str, user_id: str, email: str, now: datetime) -> Challenge:
        """Send a one-time code."""
        challenge = Challenge(
            session=self._ids.opaque("sign_in_", 32),
            app_id=app_id,
            user_id=user_id,
            code=self._ids.one_time_code(),
            expires_at=now + ONE_TIME_CODE_LIFE,
        )
        self.challenges[challenge.session] = challenge
        self.mails.append(Mail(email, challenge.code, now))
        return challenge

    def open(  # noqa: PLR0913 - what must fit together
        self, session: str, *, app_id: str, user_id: str | None, code: str, now: datetime, attempts: int
    ) -> Session:
        """Check a one-time code and open a session; raises ApiError."""
        challenge = self.challenges.get(session)
        if challenge is None or challenge.app_id != app_id or challenge.user_id != user_id:
            raise ApiError(SESSION_EXPIRED)
        if challenge.used:
            raise ApiError(INVALID_CODE, "The one-time code was used before; ask for a new one.")
        if now >= challenge.expires_at:
            raise ApiError(INVALID_CODE, "The one-time code expired after 3 minutes; ask for a new one.")
        if not hmac.compare_digest(challenge.code, code if code.isascii() else ""):
            self._count_wrong(challenge, attempts)
        challenge.used = True
        return self.begin(app_id, challenge.user_id, now)

    def _count_wrong(self, challenge: Challenge, attempts: int) -> None:
        challenge.wrong += 1
        left = attempts - challenge.wrong
        if left <= 0:
            challenge.used = True
            raise ApiError(INVALID_CODE, "Too many wrong one-time codes; ask for a new one.")
        raise ApiError(INVALID_CODE, f"The one-time code is wrong; {left} more attempts.")

    def begin(self, app_id: str, user_id: str, now: datetime) -> Session:
        """A session for a user who has shown who they are."""
        session = Session(self._ids.opaque("ses_", 32), app_id, user_id, now + SESSION_LIFE)
        self.keep(session)
        return session

    def keep(self, session: Session) -> None:
        """Add a session, the newest of its user."""
        self.sessions[session.id] = session
        self._newest[(session.app_id, session.user_id)] = session.id

    def session(self, id_: str | None, app_id: str, now: datetime) -> Session | None:
        """The live session with that id, of that app."""
        session = self.sessions.get(id_ or "")
        if session is None or session.app_id != app_id or now >= session.expires_at:
            return None
        return session

    def newest(self, app_id: str, user_id: str, now: datetime) -> Session | None:
        """The newest live session of a user."""
        return self.session(self._newest.get((app_id, user_id)), app_id, now)
