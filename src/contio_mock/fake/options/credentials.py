"""What no source says about credentials."""

from __future__ import annotations

from typing import Literal

from contio_mock.fake.options import option, options


@options
class CredentialOptions:
    """How credentials age, and how they are rotated."""

    credential_words: Literal["document", "sdk"] = option(
        "document",
        "Which words do a credential's status and recommended action use?",
        "The document is made from the server; the SDK's are transitioning and rotate_recommended.",
        "N.6, N.7",
    )
    credential_rotate_soon_days: int = option(
        75, "From which age is rotate_soon recommended?", "Our own number, a little before the next.", "N.8"
    )
    credential_rotate_now_days: int = option(
        90, "From which age is rotate_now recommended?", "Our own number, a common rule.", "N.8"
    )
    credential_rotation_limit: int = option(
        3,
        "How often may one credential be rotated within 24 hours, 0 for no limit?",
        "An example of the official SDK counts the rotations of a day against 3.",
        "N.9",
    )
    credential_rotation_limit_status: Literal["429", "400"] = option(
        "429",
        "How is a rotation above the limit refused?",
        "Both are declared; the SDK waits and tries again after 429.",
        "N.9",
    )
    grace_period_out_of_range: Literal["reject", "clamp"] = option(
        "reject",
        "What does a grace period below 0 or above 168 hours do?",
        "The maximum is documented, and bad_request is declared.",
        "N.10",
    )
    rotation_while_pending: Literal["replace", "keep", "reject"] = option(
        "replace",
        "What does a rotation do while an older credential is still valid?",
        "Two are valid at a time: the older one ends. With keep it has its time; with reject it is 400.",
        "E",
    )
    credential_reads_audited: Literal["no", "yes"] = option(
        "no",
        "Does reading the status write a viewed event for each credential?",
        "A history full of readings hides what was changed.",
        "E",
    )
