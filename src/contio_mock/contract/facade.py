"""The operations as a client groups them: `user`, `admin`, `oauth` and the mock's own `mock`."""

from __future__ import annotations

from typing import Generic

from contio_mock.contract.app import App
from contio_mock.contract.meetings import Meetings
from contio_mock.contract.operation import S_co
from contio_mock.contract.profile import Profile


class UserCalls(Generic[S_co]):
    """What a user's token may call."""

    def __init__(self, sender: S_co) -> None:
        self.profile: Profile[S_co] = Profile(sender)
        self.meetings: Meetings[S_co] = Meetings(sender)


class AdminCalls(Generic[S_co]):
    """What a partner app's API key may call."""

    def __init__(self, sender: S_co) -> None:
        self.app: App[S_co] = App(sender)
