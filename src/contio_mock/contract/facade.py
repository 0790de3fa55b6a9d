"""The operations as a client groups them: `user`, `admin`, `oauth` and the mock's own `mock`."""

from __future__ import annotations

from typing import Generic

from contio_mock.contract.action_items import ActionItems
from contio_mock.contract.agenda_items import AgendaItems
from contio_mock.contract.app import App, GetPublicPartnerInfo
from contio_mock.contract.backlog_items import BacklogItems
from contio_mock.contract.calendar import Calendar
from contio_mock.contract.connections import Connections
from contio_mock.contract.control import (
    MockCreateSandbox,
    MockCreateToken,
    MockDeleteSandbox,
    MockGetClock,
    MockGetCredentials,
    MockGetHealth,
    MockListInbox,
    MockListSandboxes,
    MockMoveClock,
    MockReset,
)
from contio_mock.contract.control_idp import MockGetIdpRequest, MockSignInAtIdp
from contio_mock.contract.control_traffic import (
    MockCreateFault,
    MockDeleteFault,
    MockDeleteFaults,
    MockDeleteRequests,
    MockEmitEvent,
    MockListEvents,
    MockListFaults,
    MockListRequests,
    MockSettleWebhooks,
)
from contio_mock.contract.idp import Idp
from contio_mock.contract.meetings import Meetings
from contio_mock.contract.oauth import (
    AuthorizeOauth,
    CheckOauthConsent,
    CompleteOauthAuthorization,
    ExchangeOauthToken,
    InitiatePartnerAuth,
    IntrospectOauthToken,
    RevokeOauthToken,
    VerifyPartnerAuth,
)
from contio_mock.contract.openid import (
    GetOauthHealth,
    GetOauthJwks,
    GetOauthUserInfo,
    GetOpenidConfiguration,
    ListOauthScopes,
)
from contio_mock.contract.participants import Participants
from contio_mock.contract.profile import Profile
from contio_mock.contract.resource import Resource, S_co, call
from contio_mock.contract.simulate_backlog import MockSimulateAgendaItemDeferred
from contio_mock.contract.simulate_calendar import (
    MockSimulateCalendarEventChanged,
    MockSimulateCalendarEventDeleted,
    MockSimulateCalendarEventSynced,
)
from contio_mock.contract.simulate_idp import (
    MockClaimDomain,
    MockPublishDomainRecord,
    MockRevokeDomain,
    MockSetUpSso,
)


class UserCalls(Generic[S_co]):
    """What a user's token may call."""

    def __init__(self, sender: S_co) -> None:
        self.profile: Profile[S_co] = Profile(sender)
        self.meetings: Meetings[S_co] = Meetings(sender)
        self.participants: Participants[S_co] = Participants(sender)
        self.agenda_items: AgendaItems[S_co] = AgendaItems(sender)
        self.backlog_items: BacklogItems[S_co] = BacklogItems(sender)
        self.action_items: ActionItems[S_co] = ActionItems(sender)
        self.calendar: Calendar[S_co] = Calendar(sender)


class AdminCalls(Generic[S_co]):
    """What a partner app's API key may call."""

    def __init__(self, sender: S_co) -> None:
        self.app: App[S_co] = App(sender)
        self.connections: Connections[S_co] = Connections(sender)
        self.idp: Idp[S_co] = Idp(sender)


class OAuthCalls(Resource[S_co]):
    """The OAuth operations, as a client calls them."""

    initiate = call(InitiatePartnerAuth)
    verify = call(VerifyPartnerAuth)
    check_consent = call(CheckOauthConsent)
    authorize = call(AuthorizeOauth)
    consent = call(CompleteOauthAuthorization)
    token = call(ExchangeOauthToken)
    introspect = call(IntrospectOauthToken)
    revoke = call(RevokeOauthToken)
    user_info = call(GetOauthUserInfo)
    jwks = call(GetOauthJwks)
    discovery = call(GetOpenidConfiguration)
    partner_info = call(GetPublicPartnerInfo)
    scopes = call(ListOauthScopes)
    health = call(GetOauthHealth)


class Simulate(Resource[S_co]):
    """What Contio does by itself, made to happen now."""

    sso_ready = call(MockSetUpSso)
    domain_record = call(MockPublishDomainRecord)
    domain_revoked = call(MockRevokeDomain)
    domain_claimed = call(MockClaimDomain)
    agenda_item_deferred = call(MockSimulateAgendaItemDeferred)
    calendar_event_synced = call(MockSimulateCalendarEventSynced)
    calendar_event_changed = call(MockSimulateCalendarEventChanged)
    calendar_event_deleted = call(MockSimulateCalendarEventDeleted)


class Control(Resource[S_co]):
    """The control plane, as a client calls it."""

    @property
    def simulate(self) -> Simulate[S_co]:
        """What Contio does by itself, made to happen now."""
        return Simulate(self.sender)

    health = call(MockGetHealth)
    credentials = call(MockGetCredentials)
    create_token = call(MockCreateToken)
    inbox = call(MockListInbox)
    clock = call(MockGetClock)
    move_clock = call(MockMoveClock)
    idp_request = call(MockGetIdpRequest)
    sign_in_at_idp = call(MockSignInAtIdp)
    requests = call(MockListRequests)
    delete_requests = call(MockDeleteRequests)
    events = call(MockListEvents)
    emit = call(MockEmitEvent)
    settle = call(MockSettleWebhooks)
    faults = call(MockListFaults)
    create_fault = call(MockCreateFault)
    delete_faults = call(MockDeleteFaults)
    delete_fault = call(MockDeleteFault)
    reset = call(MockReset)
    sandboxes = call(MockListSandboxes)
    create_sandbox = call(MockCreateSandbox)
    delete_sandbox = call(MockDeleteSandbox)
