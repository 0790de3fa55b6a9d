"""The body that a request brings: how large it may be, of which type, and its fields."""

from __future__ import annotations

from contio_mock.contract import codec
from contio_mock.contract.errors import BODY_TOO_LARGE, Shape
from contio_mock.contract.registry import CONTROL_PREFIX
from contio_mock.fake.bodies import media_type, read_parts
from contio_mock.fake.problem import ApiError
from contio_mock.fake.profile import Profile
from contio_mock.fake.routes import Route
from contio_mock.fake.sandbox import Context

AROUND_UPLOAD = 1_048_576
"""What a multipart body may add to its file."""
CONTROL_BYTES = 1_073_741_824
"""The largest body of the control plane: a state with all its attachments."""


def read_body(ctx: Context, route: Route) -> codec.Parts | None:
    """The fields of a form or multipart body, None for JSON; raises ApiError for what cannot be taken."""
    request, plan, endpoint = ctx.request, route.decoder.body, route.endpoint
    assert plan is not None  # noqa: S101 - the caller asked
    most = _most_bytes(ctx.profile, route)
    if len(request.body) > most:
        error = BODY_TOO_LARGE.with_shape(endpoint.shape)
        raise ApiError(error, f"The body has {len(request.body)} bytes; at most {most} are taken.")
    kind = media_type(request)
    if plan.travels == "body":
        if request.body and kind and ctx.profile.json_content_type == "require" and not _is_json(kind):
            raise _wrong_type(route, kind, codec.JSON_TYPE)
        return None
    wanted = codec.FORM_TYPE if plan.travels == "form" else codec.MULTIPART_TYPE
    if kind != wanted:
        raise _wrong_type(route, kind or "none", wanted)
    try:
        parts = read_parts(request, kind)
    except ValueError as error:
        raise ApiError(endpoint.invalid_body, f"The body {error}.") from None
    if endpoint.shape is Shape.OAUTH:
        repeated = [name for name, values in parts.items() if len(values) > 1]
        if repeated:  # RFC 6749 3.2: parameters must not be included more than once
            raise ApiError(endpoint.invalid, f"{repeated[0]} was sent more than once.")
    return parts


def most_upload(profile: Profile) -> int:
    """How many bytes the body of an upload may have, its envelope included."""
    return max(profile.max_attachment_bytes, profile.max_context_bytes) + AROUND_UPLOAD


def _most_bytes(profile: Profile, route: Route) -> int:
    if route.endpoint.path.startswith(CONTROL_PREFIX):
        return CONTROL_BYTES
    uploads = route.decoder.body is not None and route.decoder.body.travels == "upload"
    return most_upload(profile) if uploads else profile.max_body_bytes


def _wrong_type(route: Route, kind: str, wanted: str) -> ApiError:
    return ApiError(route.endpoint.invalid_body, f"The content type must be {wanted}, not {kind}.")


def _is_json(kind: str) -> bool:
    return kind == codec.JSON_TYPE or kind.endswith("+json")
