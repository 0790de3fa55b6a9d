"""Context documents: what each format becomes, what is taken out, and how long the worst ones take."""

from __future__ import annotations

import json
import re
from contextlib import suppress

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from contio_mock.fake.clock import stopwatch
from contio_mock.fake.rules.documents import DocumentError, check, sanitize

FORMATS = ("json", "csv", "tsv", "xml", "html", "yaml", "md", "txt")


def made(content: str | bytes, source_format: str = "txt") -> str:
    raw = content if isinstance(content, bytes) else content.encode()
    return sanitize(raw, source_format).text


def found(content: str, source_format: str = "txt") -> dict[str, int]:
    return sanitize(content.encode(), source_format).counts


# ---------------------------------------------------------------- conversion


@pytest.mark.parametrize(
    ("source_format", "content", "markdown"),
    [
        ("txt", "As it  is.\r\n", "As it  is.\r\n"),
        ("md", "# As it is\n", "# As it is\n"),
        ("txt", b"\xef\xbb\xbfmarked", "marked"),
        ("txt", "wide".encode("utf-16"), "wide"),
        ("csv", 'a,b\n1,"x, ""y"""\n', '| a | b |\n| --- | --- |\n| 1 | x, "y" |\n'),
        ("csv", "a,b\n1\n1,2\n", "| a | b |\n| --- | --- |\n| 1 |\n| 1 | 2 |\n"),
        ("csv", "a\n1,2\n", "| a |  |\n| --- | --- |\n| 1 | 2 |\n"),
        ("csv", 'a\n"two\nlines | bar"\n', "| a |\n| --- |\n| two lines \\| bar |\n"),
        ("csv", "", ""),
        ("tsv", "a\tb\n1,5\t2\n", "| a | b |\n| --- | --- |\n| 1,5 | 2 |\n"),
        ("json", '{"a": 1, "b": [true, null, "x"]}', "- **a**: 1\n- **b**:\n  - true\n  -\n  - x\n"),
        ("json", '"only this"', "- only this\n"),
        ("json", '[{"a": 1, "b": 2}, {"b": 4, "a": 3}]', "| a | b |\n| --- | --- |\n| 1 | 2 |\n| 3 | 4 |\n"),
        ("json", '{"rows": [{"a": "|"}]}', "## rows\n\n| a |\n| --- |\n| \\| |\n"),
        ("json", '[{"a": 1}, {"b": 2}]', "- **a**: 1\n- **b**: 2\n"),
        ("yaml", "a: 1\nb:\n  - x\n  - y: z\n", "- **a**: 1\n- **b**:\n  - x\n  - **y**: z\n"),
        ("yaml", "base: &b {x: 1}\ncopy: *b\n", "- **base**:\n  - **x**: 1\n- **copy**:\n  - **x**: 1\n"),
        ("yaml", "a: &a\n  - *a\n", "- **a**:\n  - *a\n"),
        ("yaml", "--- one\n--- two\n", "- one\n- two\n"),
        (
            "xml",
            '<crm><deal id="7">Big <b>one</b> here</deal></crm>',
            "- **crm**\n  - **deal** (id=7): Big\n    - **b**: one\n    here\n",
        ),
        ("xml", "<!DOCTYPE a><a>&lt;&#65;</a>", "- **a**: <A\n"),
        ("html", "<h1>Title</h1><p>Some <b>bold</b> &amp; <i>more</i></p>", "# Title\n\nSome **bold** & *more*\n"),
        ("html", "<ul><li>a<li>b<ul><li>c</ul></ul><ol><li>d<li>e</ol>", "- a\n\n- b\n\n  - c\n\n1. d\n\n2. e\n"),
        ("html", '<a href="/x?a=1&amp;b=2">link</a><img alt=I src=i.png>', "[link](/x?a=1&b=2)![I](i.png)\n"),
        ("html", "a<script>if (a < b) alert('<p>')</script><style>p {}</style><p>b", "a\n\nb\n"),
        ("html", "<p>a<!-- <p>hidden --><?php x ?>b</p>", "ab\n"),
        ("html", "<table><tr><th>a<th>b<tr><td>1<td>2</table>after", "| a | b |\n| --- | --- |\n| 1 | 2 |\n\nafter\n"),
        ("html", "<pre>a\n  b</pre><blockquote>q</blockquote><hr>", "```\na\n  b\n```\n\n> q\n\n---\n"),
        ("html", "<p>1 < 2 and 3 > 2<br>next", "1 < 2 and 3 > 2 next\n"),
    ],
)  # fmt: skip
def test_a_format_becomes_markdown(source_format: str, content: str | bytes, markdown: str) -> None:
    assert [line.rstrip() for line in made(content, source_format).splitlines()] == [
        line.rstrip() for line in markdown.splitlines()
    ]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)


@given(JSON)
def test_every_json_document_can_be_converted(value: object) -> None:
    text = json.dumps(value).replace("\\u0000", "")
    try:
        sanitize(text.encode(), "json")
    except DocumentError as error:
        assert "surrogate" in str(error) or "cannot be parsed" in str(error)  # noqa: PT017


@given(JSON)
def test_every_yaml_document_can_be_converted(value: object) -> None:
    sanitize(yaml.safe_dump(value).encode("utf-8", "replace"), "yaml")


@settings(max_examples=300)
@given(
    st.sampled_from(FORMATS),
    st.binary(max_size=200) | st.text("<>/!?-&;:,|\"'`[]{}ab\n\t =*#+@", max_size=80),
)
def test_whatever_is_sent_is_converted_or_refused(source_format: str, content: bytes | str) -> None:
    raw = content if isinstance(content, bytes) else content.encode()
    try:
        check(raw, source_format)
    except DocumentError as error:
        assert str(error)  # noqa: PT017
        return
    assert isinstance(sanitize(raw, source_format).text, str)


# ---------------------------------------------------------------- scrubbing

WORD = st.from_regex(r"[a-z][a-z0-9]{0,10}", fullmatch=True)
EMAILS = st.builds(
    "{}{}@{}.{}".format, WORD, st.sampled_from(["", ".x", "+tag", "_y", "-z"]), WORD, st.sampled_from(["com", "co.uk", "example.org"])
)  # fmt: skip
PHONES = st.sampled_from(
    [
        "+41 44 668 18 00",
        "+1 (555) 123-4567",
        "+15551234567",
        "(555) 123-4567",
        "555-123-4567",
        "030 1234 5678",
    ]
)
TOKEN = st.text("ABCDEFabcdef0123456789", min_size=24, max_size=40)
SECRETS = st.one_of(
    st.tuples(st.just("api_key"), TOKEN.map("sk_live_{}".format)),
    st.tuples(st.just("api_key"), TOKEN.map("ghp_{}".format)),
    st.tuples(st.just("aws_access_key"), st.text("ABCDEFGH234567", min_size=16, max_size=16).map("AKIA{}".format)),
    st.tuples(st.just("jwt"), st.builds("eyJ{0}.eyJ{0}.{1}".format, TOKEN, TOKEN)),
    st.tuples(st.just("bearer_token"), TOKEN.map("Bearer {}".format)),
    st.tuples(st.just("private_key"), TOKEN.map("-----BEGIN RSA PRIVATE KEY-----\n{}\n-----END RSA PRIVATE KEY-----".format)),
    st.tuples(st.just("password"), TOKEN.map("password={}".format)),
    st.tuples(st.just("password"), TOKEN.map('DB_PASSWORD: "{} and more"'.format)),
    st.tuples(st.just("api_key"), TOKEN.map("api-key: {}".format)),
)  # fmt: skip
CONFIDENTIAL = SECRETS | st.tuples(st.just("email"), EMAILS) | st.tuples(st.just("phone"), PHONES)
PLAIN = st.text("abc xyz.,;\n", max_size=30)


@given(st.lists(st.tuples(PLAIN, CONFIDENTIAL), max_size=6), st.sampled_from(["txt", "md"]))
def test_nothing_confidential_is_left_and_all_of_it_is_counted(
    pieces: list[tuple[str, tuple[str, str]]], source_format: str
) -> None:
    text = "".join(f"{plain}\n{secret}\n" for plain, (_, secret) in pieces)
    result = sanitize(text.encode(), source_format)
    wanted: dict[str, int] = {}
    for _, (kind, secret) in pieces:
        wanted[kind] = wanted.get(kind, 0) + 1
        core = re.search(r"[A-Fa-f0-9]{24,}", secret)
        assert (core[0] if core else secret) not in result.text
        assert f"[REDACTED:{kind}]" in result.text
    assert result.counts == wanted
    assert result.pii == bool({"email", "phone"} & wanted.keys())
    assert result.secrets == bool(wanted.keys() - {"email", "phone"})
    for plain, _ in pieces:
        assert plain in result.text, "what is not confidential stays"


@pytest.mark.parametrize(
    ("source_format", "content"),
    [
        ("csv", "name,mail\nAda,{}\n"),
        ("tsv", "name\tmail\nAda\t{}\n"),
        ("json", '{{"mail": "{}"}}'),
        ("json", '[{{"mail": "{}"}}]'),
        ("yaml", "mail: {}\n"),
        ("xml", "<mail>{}</mail>"),
        ("xml", '<person mail="{}"/>'),
        ("html", "<p>Write to <b>{}</b>"),
        ("html", '<a href="mailto:{}">mail</a>'),
    ],
)
def test_every_format_is_scrubbed(source_format: str, content: str) -> None:
    text = content.format("ada.l+x@mail.example.com")
    assert found(text, source_format) == {"email": 1}
    assert "example.com" not in made(text, source_format)


@pytest.mark.parametrize("text", ["ada&#64;example.com", "ada&commat;example.com"])
def test_what_is_hidden_behind_entities_is_found(text: str) -> None:
    assert found(f"<p>{text}</p>", "html") == {"email": 1}


@pytest.mark.parametrize(
    ("source_format", "content"),
    [
        ("csv", "user,password\nada,hunter2 and more\n"),
        ("json", '{"password": "hunter2 and more"}'),
        ("json", '[{"user": "ada", "password": "hunter2 and more"}]'),
        ("yaml", "password: hunter2 and more\n"),
        ("xml", "<password>hunter2 and more</password>"),
        ("xml", '<user password="hunter2 and more"/>'),
        ("html", "<table><tr><td>user<td>password<tr><td>ada<td>hunter2 and more</table>"),
    ],
)
def test_what_a_secrets_name_says_is_taken_out_as_a_whole(source_format: str, content: str) -> None:
    assert found(content, source_format) == {"password": 1}
    assert "hunter2" not in made(content, source_format)
    assert "and more" not in made(content, source_format)


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-15", "2026-01-15 09:30", "15.01.2026", "1 000 000", "192.168.100.200", "v1.2.3", "@ada", "a@b",
        "3f2b8c1e-0000-4000-8000-000000000000", "passwords are good", "the token is gone", "12:30-13:45",
        "secretary: Ada", "https://example.com/a", "1.5 + 2.5", "ISBN 978-3-16",
    ],
)  # fmt: skip
def test_what_only_looks_confidential_stays(text: str) -> None:
    assert made(text) == text


def test_a_private_key_without_an_end_reaches_to_the_end() -> None:
    assert made("a\n-----BEGIN PRIVATE KEY-----\nMIIE\nmore") == "a\n[REDACTED:private_key]"


@pytest.mark.parametrize("cell", ["=SUM(A1)", "@cmd", "+cmd|' /C calc'!A0", "-cmd()", " =1", "=HYPERLINK(1)"])
@pytest.mark.parametrize("source_format", ["csv", "tsv", "json", "html"])
def test_a_formula_is_made_harmless_in_every_table(source_format: str, cell: str) -> None:
    content = {
        "csv": f'a\n"{cell}"\n',
        "tsv": f'a\n"{cell}"\n',
        "json": json.dumps([{"a": cell}]),
        "html": f"<table><tr><td>a<tr><td>{cell}</table>",
    }[source_format]
    assert found(content, source_format) == {"formula": 1}
    assert f"| '{cell.strip()[0]}" in made(content, source_format)
    assert sanitize(content.encode(), source_format).formulas == 1
    assert not sanitize(content.encode(), source_format).secrets


@pytest.mark.parametrize("cell", ["-5", "+3.5%", "-1,000.00", "a=b", "", "--", "+1 555"])
def test_numbers_and_words_are_no_formulas(cell: str) -> None:
    assert found(f"a\n{cell}\n", "csv") == {}


# ---------------------------------------------------------------- never for long

SIZE = 60_000
MEAN = [
    "a", "a@", "a@b.", "+1 ", "0 ", "(", "-----BEGIN PRIVATE KEY-----", "eyJ", "eyJ.", "bearer ", "password",
    "password=", 'token:"', "sk_", "a_", "<", "<a", "<a ", "<a '>'<b ", "<!--", "<!", '<a "', "<p>", "<li><ul>",
    "<td>", "<table>", "<a>", "<a/>", "&", "&#", "[", "{", "- ", "a: ", "? ", "*a ", "&a ", '"', "'", "a,", "\n",
    "a,b\n", '{"a":', "1,", "[[],", "1.1.1", "<blockquote>", "<pre>", "<a href=", "%", "!", "`", "x: |\n", "=> ",
]  # fmt: skip


@pytest.mark.parametrize("source_format", FORMATS)
def test_the_work_grows_with_the_size_only(source_format: str) -> None:
    """Ten times as much of the same takes about ten times as long, never a hundred times."""
    for piece in MEAN:
        small = spent(piece, SIZE // 10, source_format)
        large = spent(piece, SIZE, source_format)
        assert large < 40 * small + 2.0, f"{piece!r}: {small:.3f} s, and ten times of it {large:.3f} s"


def spent(piece: str, size: int, source_format: str) -> float:
    raw = (piece * (size // len(piece) + 1))[:size].encode()
    begun = stopwatch()
    with suppress(DocumentError):
        sanitize(raw, source_format)
    return stopwatch() - begun


def test_aliases_are_followed_only_so_far() -> None:
    bomb = "a0: &a0 [x, x]\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 12)
    )
    with pytest.raises(DocumentError, match="more than 1000000 values"):
        sanitize(bomb.encode(), "yaml")


@pytest.mark.parametrize(
    "bomb",
    [
        "a: &a " + "x" * 100_000 + "\nb: [" + "*a, " * 10_000 + "]\n",
        "- &r {a: " + "x" * 100_000 + "}\n" + "- *r\n" * 10_000,
        "- &r {" + ", ".join(f"a{n}: 1" for n in range(5000)) + "}\n" + "- *r\n" * 5000,
    ],
)
def test_aliases_of_much_do_not_fill_the_memory(bomb: str) -> None:
    with pytest.raises(DocumentError, match=r"too long|more than"):
        sanitize(bomb.encode(), "yaml")


def test_a_billion_laughs_are_not_heard() -> None:
    bomb = '<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><a>&b;</a>'
    with pytest.raises(DocumentError, match="declares entities"):
        sanitize(bomb.encode(), "xml")


def test_one_wide_row_beside_many_short_ones_is_no_square() -> None:
    rows = ",".join("a" * 9000) + "\n" + "1\n" * 100_000
    assert len(made(rows, "csv")) < 10 * len(rows)
    with pytest.raises(DocumentError, match="columns"):
        made("," * 20_000, "csv")
