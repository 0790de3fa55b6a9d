"""What a sender says of a file, made fit to be kept and sent again as a header."""

from __future__ import annotations

import re

from contio_mock.contract.wire import Upload

LONGEST_NAME = 255
NAMELESS = "file"
ANY_TYPE = "application/octet-stream"
_MEDIA_TYPE = re.compile(r"[\w!#$&^.+-]{1,127}/[\w!#$&^.+-]{1,127}(?: ?;[ -~]{1,200})?", re.ASCII)


def stored_name(upload: Upload) -> str:
    """The name of an uploaded file without its folders (RFC 7578 4.2) and without control characters."""
    name = re.split(r"[/\\]", upload.file_name or "")[-1]
    printable = "".join("_" if ord(c) < 32 or 127 <= ord(c) < 160 else c for c in name)  # noqa: PLR2004
    kept = printable.encode("utf-8", "replace").decode()[:LONGEST_NAME]
    return NAMELESS if kept.strip(" .") == "" else kept


def stored_type(upload: Upload) -> str:
    """The media type that an upload claims, if it is one at all."""
    claimed = upload.content_type or ""
    return claimed if _MEDIA_TYPE.fullmatch(claimed) else ANY_TYPE
