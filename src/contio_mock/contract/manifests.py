"""Toolkit manifests: what a toolkit makes exist in a workspace, as a JSON document.

A manifest is stored and given back as it was sent, unknown members included. These models say what it may
hold; what breaks their rules is told by path, so the API itself reads a manifest as any JSON object.
"""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, GetJsonSchemaHandler, model_validator
from pydantic_core import CoreSchema

from contio_mock.contract.meetings import DetailLevel
from contio_mock.contract.release import R1_6, R1_9, R1_10, since, until
from contio_mock.contract.shared import Input, Number

ContentFormat = Literal["rich_text", "markdown", "plain_text", "html"]
DeliveryMechanism = Literal[
    "clipboard", "email", "os_email_client", "file_download", "integration", "webhook", "redirect"
]
Name = Annotated[str, Field(min_length=1, max_length=255)]
RefId = Annotated[str | None, Field(max_length=100, alias="$id")]
Described = Annotated[str | None, Field(max_length=1000)]
Color = Annotated[str | None, Field(max_length=50)]
IconName = Annotated[str | None, Field(max_length=100)]
Url = Annotated[str | None, Field(max_length=2000)]


class _Part(Input):
    """A part of a manifest; more members are kept and given back."""

    model_config = ConfigDict(extra="allow", populate_by_name=True)

    kept_as_sent: ClassVar[bool] = True
    """What the documents go by: in answers a member may be null where null was sent."""


class ManifestRef(_Part):
    """Names an entity: one of this manifest (`$ref`), or one that exists already (`$id`)."""

    ref: Annotated[str | None, Field(alias="$ref")] = None
    """The `$id` of an entity in the same manifest."""
    id: Annotated[str | None, Field(alias="$id")] = None
    """The id of an entity that exists."""


class ManifestAgendaItem(_Part):
    """An agenda item of a template."""

    title: Name
    item_type: str
    """DISCUSSION, ACTION_ITEM_RECAP, BREAK, ADJOURN and the like."""
    description: Described = None
    content: str | None = None
    sequence: Annotated[str | None, Field(max_length=255)] = None
    time_allocation_minutes: Number | None = None
    restricted_to_leads: Annotated[bool | None, until(R1_10)] = None


class ManifestParticipant(_Part):
    """Somebody whom a template invites."""

    email: str
    name: Name
    role: Literal["EDITOR", "VIEWER"]


class ManifestTemplateSpec(_Part):
    """A template that the toolkit makes."""

    ref_id: RefId = None
    """What `$ref` names it by, and what it stays the same by when the toolkit is upgraded."""
    name: Name
    description: Described = None
    backing_meeting_id: str | None = None
    """A meeting whose content is copied; not together with content of its own."""
    title: Annotated[str | None, Field(max_length=255), since(R1_6)] = None
    """The title that meetings of the template begin with."""
    detail_level: Annotated[DetailLevel | None, since(R1_6)] = None
    meeting_duration_seconds: Annotated[int | None, since(R1_6)] = None
    start_time_offset_seconds: Annotated[int | None, since(R1_6)] = None
    """From midnight UTC; -1 means without a time."""
    agenda_items: Annotated[list[ManifestAgendaItem] | None, since(R1_6)] = None
    participants: Annotated[list[ManifestParticipant] | None, since(R1_6)] = None


class ManifestTemplateNextStep(_Part):
    """That a template brings a next step."""

    next_step: ManifestRef
    sort_order: int | None = None
    autopilot: bool | None = None
    """Run by itself when the meeting has ended."""


class ManifestTemplate(_Part):
    """A template: one that exists (`id`) or one to be made (`spec`)."""

    id: str | None = None
    spec: ManifestTemplateSpec | None = None
    next_steps: list[ManifestTemplateNextStep] | None = None


class ManifestNextStepSpec(_Part):
    """A next step that the toolkit makes."""

    ref_id: RefId = None
    """What `$ref` names it by, and what it stays the same by when the toolkit is upgraded."""
    name: Name
    type: Literal["ai", "redirect"]
    """In any case; STANDARD is taken for redirect where there is a URL."""
    description: Described = None
    ai_prompt: str | None = None
    redirect_url: Url = None
    color: Color = None
    icon_name: IconName = None
    sort_order: int | None = None

    @model_validator(mode="before")
    @classmethod
    def _speak_of_types_as_documented(cls, given: Any) -> Any:
        """Read the official SDK's AI and STANDARD as ai and, where there is a URL, redirect."""
        if not isinstance(given, dict) or not isinstance(given.get("type"), str):
            return given
        kind = given["type"].lower()
        if kind == "standard" and given.get("redirect_url"):
            kind = "redirect"
        return {**given, "type": kind} if kind in ("ai", "redirect") else given


class ManifestNextStepActionButton(_Part):
    """That a next step offers an action button."""

    action_button: ManifestRef
    sort_order: int | None = None


class ManifestNextStep(_Part):
    """A next step: one that exists (`id`) or one to be made (`spec`)."""

    id: str | None = None
    spec: ManifestNextStepSpec | None = None
    action_buttons: list[ManifestNextStepActionButton] | None = None
    default_action_button: ManifestRef | None = None


class ManifestActionButtonSpec(_Part):
    """An action button that the toolkit makes."""

    ref_id: RefId = None
    """What `$ref` names it by, and what it stays the same by when the toolkit is upgraded."""
    name: Name
    content_format: ContentFormat
    delivery_mechanism: DeliveryMechanism
    file_format: Annotated[str | None, Field(max_length=50)] = None
    icon_name: Annotated[IconName, since(R1_9)] = None
    icon_url: Annotated[Url, until(R1_9)] = None
    """What releases before 1.9 have instead of `icon_name`."""
    integration_type: Annotated[str | None, Field(max_length=100)] = None
    is_default_for_next_step: bool | None = None
    redirect_url: Url = None
    requires_connected_integration: bool | None = None
    sort_order: int | None = None
    webhook_url: Url = None


class ManifestActionButton(_Part):
    """An action button: one that exists (`id`) or one to be made (`spec`)."""

    id: str | None = None
    spec: ManifestActionButtonSpec | None = None


SURFACES = ("HOME", "MEETING_PREPARE", "MEETING_RUN", "MEETING_REVIEW", "CANVAS")
"""Where a shortcut can be shown."""


class ManifestShortcutSurface(_Part):
    """Where a shortcut is shown."""

    surface: Annotated[str, Field(json_schema_extra={"enum": list(SURFACES)})]
    """Checked with the rest of the manifest, which has a word for each problem."""
    position: Annotated[int, Field(ge=1, le=10)]


class ManifestShortcutSpec(_Part):
    """A shortcut that the toolkit makes."""

    ref_id: RefId = None
    """What `$ref` names it by, and what it stays the same by when the toolkit is upgraded."""
    name: Name
    prompt: str
    description: Described = None
    color: Color = None
    icon_name: Annotated[IconName, since(R1_9)] = None
    icon: Annotated[IconName, until(R1_9)] = None
    """What releases before 1.9 have instead of `icon_name`."""
    surfaces: Annotated[list[ManifestShortcutSurface] | None, Field(max_length=5)] = None


class ManifestShortcut(_Part):
    """A shortcut: one that exists (`id`) or one to be made (`spec`)."""

    id: str | None = None
    spec: ManifestShortcutSpec | None = None


class Manifest(_Part):
    """What a toolkit makes exist in a workspace. Further members, such as `workflows`, are kept."""

    templates: list[ManifestTemplate] | None = None
    next_steps: list[ManifestNextStep] | None = None
    action_buttons: list[ManifestActionButton] | None = None
    shortcuts: Annotated[list[ManifestShortcut] | None, since(R1_6)] = None
    toolkit_prompt: Annotated[str | None, since(R1_6)] = None
    """How the assistant is to behave."""


def _as_json(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", by_alias=True, exclude_unset=True)
    return value


class _ShownAs:
    """Documents a JSON object as a model, without making it one."""

    def __init__(self, model: type[BaseModel]) -> None:
        self.model = model

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        self.model.model_rebuild()
        return handler(self.model.__pydantic_core_schema__)


ManifestJson = Annotated[dict[str, Any], BeforeValidator(_as_json), _ShownAs(Manifest)]
"""A manifest as JSON; a Manifest is taken as well."""
