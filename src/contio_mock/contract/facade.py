"""The operations as a client groups them: `user`, `admin`, `oauth` and the mock's own `mock`."""

from __future__ import annotations

from typing import Generic

from contio_mock.contract.action_items import ActionItems
from contio_mock.contract.admin_action_buttons import AppActionButtons
from contio_mock.contract.admin_next_steps import AppNextSteps
from contio_mock.contract.admin_templates import Templates
from contio_mock.contract.agenda_items import AgendaItems
from contio_mock.contract.app import App, GetPublicPartnerInfo
from contio_mock.contract.attachments import Attachments
from contio_mock.contract.automations import Automations, Workflows
from contio_mock.contract.backlog_items import BacklogItems
from contio_mock.contract.calendar import Calendar
from contio_mock.contract.chat import ChatSessions
from contio_mock.contract.connections import Connections
from contio_mock.contract.context import ContextDocuments
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
from contio_mock.contract.control_state import (
    MockExportState,
    MockGetSettings,
    MockImportState,
    MockUpdateSettings,
)
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
from contio_mock.contract.credentials import Credentials
from contio_mock.contract.idp import Idp
from contio_mock.contract.meetings import Meetings
from contio_mock.contract.next_steps import NextSteps
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
from contio_mock.contract.simulate_apps import MockSimulateAppStatus
from contio_mock.contract.simulate_backlog import MockSimulateAgendaItemDeferred
from contio_mock.contract.simulate_calendar import (
    MockSimulateCalendarEventChanged,
    MockSimulateCalendarEventDeleted,
    MockSimulateCalendarEventSynced,
)
from contio_mock.contract.simulate_chat import (
    MockSimulateCanvasTemplateApplied,
    MockSimulateChatTurn,
    MockSimulateSessionExpired,
)
from contio_mock.contract.simulate_idp import (
    MockClaimDomain,
    MockPublishDomainRecord,
    MockRevokeDomain,
    MockSetUpSso,
)
from contio_mock.contract.simulate_meetings import (
    MockSimulateMeetingCompleted,
    MockSimulateMeetingCopied,
    MockSimulateMeetingEnded,
    MockSimulateMeetingStarted,
)
from contio_mock.contract.simulate_workflows import MockSimulateWorkflowStep, MockSimulateWorkflowTask
from contio_mock.contract.stats import Stats
from contio_mock.contract.templates import MeetingTemplates
from contio_mock.contract.toolkit_management import Workspaces
from contio_mock.contract.toolkit_versions import AppToolkits
from contio_mock.contract.toolkits import Toolkits
from contio_mock.contract.webhooks import Webhooks
from contio_mock.contract.workflows import WorkflowRuns, WorkflowTemplates


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
        self.sessions: ChatSessions[S_co] = ChatSessions(sender)
        self.workflow_runs: WorkflowRuns[S_co] = WorkflowRuns(sender)
        self.next_steps: NextSteps[S_co] = NextSteps(sender)
        self.meeting_templates: MeetingTemplates[S_co] = MeetingTemplates(sender)
        self.attachments: Attachments[S_co] = Attachments(sender)
        self.context: ContextDocuments[S_co] = ContextDocuments(sender)
        self.toolkits: Toolkits[S_co] = Toolkits(sender)


class AdminCalls(Generic[S_co]):
    """What a partner app's API key may call."""

    def __init__(self, sender: S_co) -> None:
        self.app: App[S_co] = App(sender)
        self.webhooks: Webhooks[S_co] = Webhooks(sender)
        self.credentials: Credentials[S_co] = Credentials(sender)
        self.automations: Automations[S_co] = Automations(sender)
        self.workflows: Workflows[S_co] = Workflows(sender)
        self.connections: Connections[S_co] = Connections(sender)
        self.idp: Idp[S_co] = Idp(sender)
        self.workflow_templates: WorkflowTemplates[S_co] = WorkflowTemplates(sender)
        self.templates: Templates[S_co] = Templates(sender)
        self.next_steps: AppNextSteps[S_co] = AppNextSteps(sender)
        self.action_buttons: AppActionButtons[S_co] = AppActionButtons(sender)
        self.toolkits: AppToolkits[S_co] = AppToolkits(sender)
        self.workspaces: Workspaces[S_co] = Workspaces(sender)
        self.stats: Stats[S_co] = Stats(sender)


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
    chat_turn = call(MockSimulateChatTurn)
    session_expired = call(MockSimulateSessionExpired)
    canvas_template_applied = call(MockSimulateCanvasTemplateApplied)
    workflow_step = call(MockSimulateWorkflowStep)
    workflow_task = call(MockSimulateWorkflowTask)
    meeting_started = call(MockSimulateMeetingStarted)
    meeting_ended = call(MockSimulateMeetingEnded)
    meeting_completed = call(MockSimulateMeetingCompleted)
    meeting_copied = call(MockSimulateMeetingCopied)
    app_status = call(MockSimulateAppStatus)


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
    settings = call(MockGetSettings)
    update_settings = call(MockUpdateSettings)
    state = call(MockExportState)
    put_state = call(MockImportState)
    reset = call(MockReset)
    sandboxes = call(MockListSandboxes)
    create_sandbox = call(MockCreateSandbox)
    delete_sandbox = call(MockDeleteSandbox)
