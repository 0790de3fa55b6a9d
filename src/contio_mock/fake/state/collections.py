"""Every collection of a store as JSON and back."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, get_args, get_origin, get_type_hints

from contio_mock.fake.records import Store
from contio_mock.fake.state.values import InvalidState, plain, valid
from contio_mock.fake.store import Collection


@cache
def kinds() -> dict[str, Any]:
    """The declared type of every member of a store, such as `Collection[AppRecord]`."""
    return {name: kind for name, kind in get_type_hints(Store).items() if not name.startswith("_")}


def exported(store: Store) -> dict[str, Any]:
    """Every record of every collection, in order; whatever else a store holds by its own type."""
    return {
        name: [plain(record) for record in member] if isinstance(member, Collection) else plain(member)
        for name, member in store.members().items()
    }


def read(document: Mapping[str, Any]) -> Store:
    """A store with the records of a document; a collection that is left out is empty. Raises InvalidState."""
    store, place = Store(), "collections"
    for name in document:
        if name not in kinds():
            raise InvalidState(place, f"there is no collection {name[:80]!r}")
    for name, kind in kinds().items():
        if name not in document:
            continue
        where = f"{place}.{name}"
        if get_origin(kind) is Collection:
            _fill(getattr(store, name), get_args(kind)[0], document[name], where)
        else:
            setattr(store, name, valid(kind, document[name], where))
    _check_references(store)
    return store


def _fill(collection: Collection[Any], kind: Any, rows: Any, place: str) -> None:
    if not isinstance(rows, list):
        raise InvalidState(place, "must be a list of records")
    for position, row in enumerate(rows):
        record = valid(kind, row, f"{place}.{position}")
        if collection.get(record.id) is not None:
            raise InvalidState(f"{place}.{position}.id", "is the id of another record too")
        collection.insert(record)


def _check_references(store: Store) -> None:
    """Raise InvalidState where every request would stumble over a record that is not there."""
    if not len(store.apps):
        raise InvalidState("collections.apps", "must hold at least one app")
    for position, user in enumerate(store.users):
        if store.workspaces.get(user.workspace_id) is None:
            raise InvalidState(
                f"collections.users.{position}.workspace_id", "names no workspace of the state"
            )
    for position, connection in enumerate(store.connections):
        place = f"collections.connections.{position}"
        if store.apps.get(connection.app_id) is None:
            raise InvalidState(f"{place}.app_id", "names no app of the state")
        if store.users.get(connection.user_id) is None:
            raise InvalidState(f"{place}.user_id", "names no user of the state")
