"""The page that a list operation asked for, by the profile's rules."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, cast

from contio_mock.contract.errors import INVALID_QUERY_PARAMETERS
from contio_mock.contract.results import Window
from contio_mock.contract.shared import Page, day_end, day_start
from contio_mock.fake.problem import ApiError
from contio_mock.fake.sandbox import Context
from contio_mock.fake.store import Collection

MAXIMUM = 100
WINDOWS_KEPT = 64


def window(ctx: Context, limit: int, offset: int, maximum: int = MAXIMUM) -> tuple[int, int]:
    """Limit and offset within their bounds; raises ApiError when the profile refuses others."""
    if limit > maximum:
        _refuse_unless(ctx.profile.limit_above_maximum == "clamp", f"limit must be at most {maximum}.")
        limit = maximum
    if limit < 1 or offset < 0:
        fine = ctx.profile.limit_below_minimum == "clamp"
        _refuse_unless(fine, "limit must be at least 1 and offset at least 0.")
        limit, offset = max(limit, 1), max(offset, 0)
    return limit, offset


def moments(
    ctx: Context, start: datetime | date | None, end: datetime | date | None
) -> tuple[datetime | None, datetime | None]:
    """The first and the last moment that a pair of date filters means; None is open."""
    last = day_end if ctx.profile.plain_end_date == "end_of_day" else day_start
    return (None if start is None else day_start(start)), (None if end is None else last(end))


def listed(collection: Collection[Any], index: str, key: str, limit: int, offset: int) -> Page[Any]:
    """A page of a collection, newest first; kept until the collection changes, for pollers ask again."""
    return listed_across(collection, index, (key,), limit, offset)


def listed_across(
    collection: Collection[Any], index: str, keys: tuple[str, ...], limit: int, offset: int
) -> Page[Any]:
    """`listed`, of several keys under which no record stands twice."""
    wanted = (index, keys, limit, offset)
    window = collection.windows.get(wanted)
    if window is None:
        items, total = collection.page_across(index, keys, limit=limit, offset=offset)
        window = Window(items, total, limit, offset)
        if len(collection.windows) < WINDOWS_KEPT:
            collection.windows[wanted] = window
    return cast(Page[Any], window)


def chained(
    collection: Collection[Any], index: str, keys: list[str], limit: int, offset: int
) -> tuple[list[Any], int]:
    """A window over the records under several keys, one key after the other, newest first within each."""
    items: list[Any] = []
    total = 0
    for key in keys:
        found, count = collection.page(index, key, limit=limit - len(items), offset=max(0, offset - total))
        items += found
        total += count
    return items, total


def page(items: list[Any], total: int, limit: int, offset: int) -> Page[Any]:
    """A page of records that are validated already."""
    return cast(Page[Any], Window(items, total, limit, offset))


def unpaged(ctx: Context, items: list[Any], default_limit: int = 25) -> Page[Any]:
    """A list that takes no limit and no offset, in the envelope of a page."""
    limit = len(items) if ctx.profile.unpaged_list_limit == "total" else default_limit
    return page(items, len(items), limit, 0)


def _refuse_unless(fine: bool, message: str) -> None:
    if not fine:
        raise ApiError(INVALID_QUERY_PARAMETERS, message)
