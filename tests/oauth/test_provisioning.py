"""Who is made by a sign-in, and which workspace they join."""

from __future__ import annotations

import pytest

from contio_mock import FakeContio
from contio_mock.client import Refused

from .conftest import TWO_APPS, Flow


def two(contio: FakeContio) -> tuple[Flow, Flow]:
    return Flow(contio, "partner_first", "cs_first"), Flow(contio, "partner_second", "cs second/é+%")


def test_one_address_in_many_cases_is_one_user(contio: FakeContio) -> None:
    spellings = ["New.Person@Example.ORG", "new.person@example.org", "NEW.PERSON@EXAMPLE.ORG"]
    before = len(contio.sandbox.store.users)
    made = [Flow(contio, email=email).initiate().user_provisioned for email in spellings]
    assert made == [True, False, False]
    contio.control.mock.create_token({"email": spellings[2]})
    assert len(contio.sandbox.store.users) == before + 1
    ids = {contio.client(email).user.profile.get().id for email in spellings}
    assert len(ids) == 1
    assert contio.client(spellings[1]).user.profile.get().email == spellings[0]


def test_a_one_time_code_signs_in_whatever_the_case_of_the_address(contio: FakeContio) -> None:
    begun = Flow(contio, email="ADA@EXAMPLE.COM").initiate()
    tokens = Flow(contio, email="aDa@example.com")
    assert tokens.verify(begun.session).success
    code = Flow(contio, email="Ada@Example.com").consent(scope="openid profile").code
    profile = tokens.user_client(tokens.exchange(code)).user.profile.get()
    assert profile.display_name == "Ada Lovelace"


@pytest.mark.parametrize(("is_admin", "role"), [(True, "WORKSPACE_ADMIN"), (False, "WORKSPACE_MEMBER")])
def test_a_provisioned_user_sees_the_joined_workspace_in_the_profile(
    contio: FakeContio, flow: Flow, is_admin: bool, role: str
) -> None:
    ada = flow.user_client(flow.tokens("profile")).user.profile.get()
    newcomer = Flow(contio, email="new@example.com")
    begun = newcomer.initiate(workspace_id=ada.workspace_id, is_admin=is_admin, name="New Person")
    newcomer.verify(begun.session)
    tokens = newcomer.exchange(newcomer.consent(scope="profile").code)
    profile = newcomer.user_client(tokens).user.profile.get()
    assert (profile.email, profile.display_name) == ("new@example.com", "New Person")
    assert (profile.workspace_id, profile.workspace_name) == (ada.workspace_id, ada.workspace_name)
    assert (profile.workspace_role, profile.plan_type) == (role, ada.plan_type)


def test_a_later_sign_in_changes_neither_name_nor_role(contio: FakeContio, flow: Flow) -> None:
    wanted = flow.user_client(flow.tokens("profile")).user.profile.get().workspace_id
    newcomer = Flow(contio, email="new@example.com")
    newcomer.initiate(workspace_id=wanted, name="First")
    before = contio.client("new@example.com").user.profile.get()
    newcomer.initiate(workspace_id=wanted, name="Second", is_admin=True)
    newcomer.initiate(name="Third")
    assert contio.client("new@example.com").user.profile.get() == before


def test_a_user_of_another_workspace_is_a_conflict_in_any_case_of_the_address(contio: FakeContio) -> None:
    linus = contio.client("linus@example.net").user.profile.get()
    wanted = contio.client("ada@example.com").user.profile.get().workspace_id
    for email in ("LINUS@example.net", "linus@EXAMPLE.net"):
        with pytest.raises(Refused) as refused:
            Flow(contio, email=email).initiate(workspace_id=wanted)
        assert (refused.value.status, refused.value.code) == (409, "workspace_conflict")
        assert refused.value.body["workspace_id"] == linus.workspace_id
    assert contio.client("linus@example.net").user.profile.get() == linus
    assert contio.inbox() == []


@pytest.mark.contio(scenario=TWO_APPS)
def test_a_workspace_made_by_one_app_is_closed_to_another(contio: FakeContio) -> None:
    first, second = two(contio)
    first.email = "new@example.com"
    first.initiate()
    made = contio.sandbox.store.users.first("email", "new@example.com")
    assert made is not None
    second.email = "other@example.com"
    with pytest.raises(Refused) as refused:
        second.initiate(workspace_id=made.workspace_id)
    assert (refused.value.status, refused.value.code) == (403, "workspace_not_authorized")
    assert contio.sandbox.store.users.first("email", "other@example.com") is None
    first.email = "third@example.com"
    assert first.initiate(workspace_id=made.workspace_id).user_provisioned


@pytest.mark.contio(scenario=TWO_APPS)
def test_an_owner_who_left_the_app_opens_their_workspace_no_more(contio: FakeContio) -> None:
    first, _ = two(contio)
    owner = contio.sandbox.store.users.first("email", "owner@example.com")
    assert owner is not None
    admin = contio.admin().admin.connections
    for connection in admin.list(user_id=owner.id).items:
        admin.revoke(connection.id)
    first.email = "new@example.com"
    with pytest.raises(Refused) as refused:
        first.initiate(workspace_id=owner.workspace_id)
    assert (refused.value.status, refused.value.code) == (403, "workspace_not_authorized")
