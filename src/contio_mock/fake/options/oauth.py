"""What no source says about OAuth."""

from __future__ import annotations

from typing import Literal

from contio_mock.fake.options import option, options


@options
class OAuthOptions:
    """Sign-in, tokens and connections."""

    refresh_token_rotation: Literal["rotate", "overlap", "keep"] = option(
        "overlap",
        "What becomes of a refresh token when it is used?",
        "The official SDK does not guard concurrent refreshes: the old one works a little longer.",
        "N.12",
    )
    refresh_token_overlap_seconds: int = option(
        60, "How long does a used refresh token work with `overlap`?", "Longer than any retry.", "N.12"
    )
    revoke_refresh_cascade: Literal["grant", "token", "connection"] = option(
        "grant",
        "What else dies with a revoked refresh token?",
        "RFC 7009 2.1: the access tokens of the same grant should die too.",
        "B.4",
    )
    revoke_access_cascade: Literal["token", "grant"] = option(
        "token",
        "What else dies with a revoked access token?",
        "RFC 7009 2.1 leaves it open; a client that drops one token may refresh.",
        "B.4",
    )
    reauthorization: Literal["reactivate", "create"] = option(
        "reactivate",
        "What does an authorization after a revoked or expired connection do?",
        "One user and one app have one connection; its id stays what a partner has stored.",
        "B.6",
    )
    admin_revoke_event: Literal["yes", "no"] = option(
        "yes",
        "Is user.connection.revoked sent when the app revokes a connection itself?",
        "A handler that cleans up wants to hear of every end.",
        "C",
    )
    code_reuse: Literal["revoke_grant", "reject"] = option(
        "revoke_grant",
        "What does a second use of an authorization code do?",
        "RFC 6749 4.1.2: the tokens that the code gave should be revoked.",
        "B.3",
    )
    verify_returns: Literal["session", "tokens"] = option(
        "session",
        "Does /auth/verify return tokens, or only open the session?",
        "The published Postman flow goes on with consent and the token endpoint.",
        "N.13",
    )
    session_lookup: Literal["cookie_or_email", "cookie"] = option(
        "cookie_or_email",
        "How is the sign-in found that a consent belongs to?",
        "The official SDK has no cookie jar and names the user by e-mail address.",
        "B.2",
    )
    session_cookie: str = option(
        "contio_session", "What is the session cookie's name?", "No source says.", "B.1"
    )
    missing_scope: Literal["default", "reject"] = option(
        "default",
        "What does an authorization request without a scope ask for?",
        "RFC 6749 3.3 allows a default; the official SDK always asks for this one.",
        "B.5",
    )
    introspect_requires_client: Literal["no", "yes"] = option(
        "no",
        "Must introspection and revocation come with client credentials?",
        "The document asks for none; the SDK sends them, and wrong ones are refused.",
        "B.2",
    )
    introspect_refresh_tokens: Literal["yes", "no"] = option(
        "yes",
        "Does introspection know refresh tokens?",
        "RFC 7662 does; the document speaks of access tokens.",
        "B.4",
    )
    workspace_not_found_status: Literal["404", "400"] = option(
        "404",
        "How does /auth/initiate answer an unknown workspace_id?",
        "The document is newer than the README.",
        "N.5",
    )
    one_time_code_attempts: int = option(
        5, "How many wrong one-time codes end a sign-in?", "A common limit.", "B.1"
    )
    new_user_plan: Literal["FREE", "PRO", "ELITE", "ENT"] = option(
        "ENT", "On which plan is a personal workspace made?", "Nothing is blocked by default.", "N.36"
    )
