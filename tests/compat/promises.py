"""Which flow shows which methods of the official SDK to work.

A flow must call each of its methods without a failure (`OfficialSdk.run` sees to it), and its test looks at
what came back. Methods that a version of the SDK does not have are not asked of it.
"""

from __future__ import annotations

_SHOWN: dict[str, dict[str, str]] = {
    "meetings paged": {
        "BaseClient": "get buildRequestConfig retryRequest",
        "PartnerUserClient": "addAuthHeaders getMeetings getAllMeetings",
    },
    "meetings changed": {
        "BaseClient": "get post patch",
        "PartnerUserClient": "createMeeting getMeeting updateMeeting",
    },
    "gatherings attended": {
        "PartnerUserClient": "getMeetingParticipants addMeetingParticipant removeMeetingParticipant",
    },
    "gatherings planned": {
        "PartnerUserClient": "createAgendaItem updateAgendaItem getMeetingAgendaItems deleteAgendaItem",
    },
    "gatherings spoken": {"BaseClient": "getRaw", "PartnerUserClient": "exportMeetingTranscript"},
    "action_items worked": {
        "PartnerUserClient": "createActionItem getActionItem updateActionItem getActionItems deleteActionItem",
    },
    "action_items paged": {"PartnerUserClient": "getAllActionItems"},
    "calendar linked": {
        "PartnerUserClient": "getCalendarEvents getCalendarEvent linkCalendarEvent createMeetingFromCalendarEvent",
    },
    "calendar paged": {"PartnerUserClient": "getAllCalendarEvents"},
    "files shared": {
        "BaseClient": "postForm getRaw delete",
        "PartnerUserClient": """
            uploadMeetingContextDocument getMeetingContextDocument getMeetingContextDocuments
            downloadMeetingContextDocumentContent deleteMeetingContextDocument""",
    },
    "files paged": {"PartnerUserClient": "getAllMeetingContextDocuments"},
    "chat conversed": {
        "PartnerUserClient": "createChatSession sendChatMessage getChatSession getChatTurn getChatSessions",
    },
    "chat ran": {
        "PartnerUserClient": "createWorkflowRun getWorkflowRun listWorkflowRuns",
        "PartnerAdminClient": "listWorkflowTemplates getWorkflowTemplate",
    },
    "next_steps templates": {
        "PartnerAdminClient": """
            createTemplate getTemplate updateTemplate getTemplates deleteTemplate getTemplateNextSteps
            addTemplateNextStep updateTemplateNextStep removeTemplateNextStep""",
    },
    "next_steps carriedOut": {
        "PartnerUserClient": """
            getMeetingTemplates getMeetingTemplate getMeetingNextSteps getMeetingActionButtons executeNextStep
            getNextStepResult triggerActionButton""",
    },
    "toolkits published": {
        "PartnerUserClient": "getToolkits getToolkit installToolkit uninstallToolkit",
        "PartnerAdminClient": """
            createToolkit updateToolkit createToolkitVersion publishToolkitVersion republishToolkitVersion
            listToolkitVersions exportToolkit exportEntities deleteToolkit getWorkspaces
            getToolkitInstallations""",
    },
    "toolkits drafted": {
        "PartnerAdminClient": """
            getToolkit getToolkits createToolkitVersion updateToolkitVersion getToolkitVersion
            discardToolkitVersion""",
    },
    "toolkits tried": {"PartnerUserClient": "installToolkit"},
    "app changed": {"BaseClient": "put", "PartnerAdminClient": "addAuthHeaders getApp updateApp"},
    "app suspended": {"PartnerAdminClient": "updateAppStatus"},
    "app delivered": {
        "PartnerAdminClient": """
            getWebhookDeliveries getWebhookDelivery retryWebhookDelivery setWebhookFilter removeWebhookFilter
            updateWebhookStatus""",
    },
    "app connected": {"PartnerAdminClient": "getUserConnections getUserConnection revokeUserConnection"},
    "app automated": {
        "PartnerAdminClient": "createAutomation getAutomation getAutomations updateAutomation deleteAutomation",
    },
    "credentials rotated": {
        "PartnerAdminClient": """
            getCredentialStatus rotateAPIKey rotateClientSecret rotateWebhookSecret rollbackCredential
            getCredentialHistory""",
    },
    "credentials exchanged": {"ApiKeyClient": "getApiKey getHeaderName getHeaders updateApiKey"},
    "idp configured": {
        "PartnerAdminClient": "createIdPConfig getIdPConfig updateIdPConfig deleteIdPConfig",
        "": "buildSSOEntryUrl buildMeetingTarget",
    },
    "idp verified": {
        "PartnerAdminClient": """
            getIdpDomainVerification initiateIdpDomainVerification checkIdpDomainVerification""",
    },
    "sign_in consenting": {
        "OAuthClient": "getAuthorizationUrl exchangeCodeForToken parseTokenResponse",
    },
    "json_sign_in newcomer": {
        "OAuthClient": "initiatePartnerAuth verifyPartnerAuth checkConsent exchangeCodeForToken",
        "PartnerUserClient": "getUserProfile",
    },
    "tokens described": {"OAuthClient": "getAvailableScopes introspectToken getAccessToken getUserInfo"},
    "tokens revoked": {"OAuthClient": "revokeToken refreshAccessToken"},
    "tokens ofTheApp": {"OAuthClient": "getClientCredentialsToken"},
    "tokens ofAnyone": {"OAuthClient": "getPartnerInfo setTokens isTokenExpired"},
    "tokens madeValid": {"PartnerUserClient": "ensureValidToken"},
    "faults passing": {"BaseClient": "retryRequest delay parseRetryAfter"},
    "exports made": {"ContioPartnerSDK": ""},
    "exports linked": {
        "": "buildMeetingTarget buildSSOEntryUrl buildAppDeepLink buildSettingsLink buildChatLink",
    },
    "refusals every": {"ContioPartnerSDK": "forUser forAdmin"},
    "webhooks genuine": {
        "": "verifyWebhookSignature parseWebhook createWebhookMiddleware hasWebhookEvent",
    },
    "webhooks every": {
        "": "createWebhookMiddleware hasWebhookEvent",
        "WebhookVerifier": "verifySignature parseWebhook",
        "WebhookEventHandler": "on onAny handle hasHandler",
    },
}

PROMISES: dict[str, frozenset[str]] = {
    flow: frozenset(
        f"{class_}.{name}" if class_ else name for class_, names in shown.items() for name in names.split()
    )
    for flow, shown in _SHOWN.items()
}
"""What each flow (script and name) shows to work; functions of the SDK stand under their own names."""

NOT_PROMISED: dict[str, str] = {
    "BaseClient.handleError": "never returns: it makes the ContioAPIError of every refusal in these tests",
}
"""Methods that no flow can show to work, and why."""
