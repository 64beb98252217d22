"""Single files are checked as a designer would: what is fine passes, each planted fault is named at its place."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flow.lone_letters import GOOD, LINE, checked, rules
from tactful.flow.contents import check_file
from tactful.words.errors import Misuse
from tactful.words.finding import Severity

STARTER = Path(__file__).resolve().parents[2] / "src" / "tactful" / "project" / "starters" / "retail" / "content"
ICON = "https://shop.test/b.png"
PICTURE = (
    "<table role=presentation background='https://shop.test/b.png'><tr><td style='color:#fff'>On</td></tr></table>"
)


def test_a_letter_that_is_fine_passes_with_nothing_to_say(tmp_path: Path) -> None:
    assert [str(one) for one in checked(GOOD, tmp_path).findings] == []


@pytest.mark.parametrize(
    ("fault", "rule", "severity"),
    [
        ("<img src='https://shop.test/b.png' width='300'>", "image-without-alt", "error"),
        ("<img src='https://shop.test/b.png' width='300' alt='b.png'>", "alt-says-nothing", "warning"),
        ("<img src='img/b.png' width='300' alt='Two'>", "address-relative", "error"),
        ("<p style='color:#bbb'>Pale words</p>", "contrast-low", "warning"),
        ("<table role=presentation bgcolor='#222222'><tr><td>Dark</td></tr></table>", "contrast-low", "warning"),
        ("<a href=''>Go</a>", "link-empty", "error"),
        ("<a href='#'>Go</a>", "link-empty", "error"),
        ("<a href='#nowhere'>Go</a>", "link-empty", "error"),
        ("<a href='javascript:go()'>Go</a>", "link-scheme", "error"),
        ("<a href='http://shop.test/'>Go</a>", "link-scheme", "warning"),
        ("<a href='www.shop.test/x'>Go</a>", "address-relative", "error"),
        ("<a href='https://shop.test@evil.test/'>Go</a>", "link-user-info", "error"),
        ("<a href='https://ѕhop.test/'>Go</a>", "link-look-alike", "error"),
        ("<a href='https://evil.test/'>www.shop.co.uk</a>", "link-names-other-host", "warning"),
        (f"<a href='https://shop.test/x'><img src='{ICON}' width=9 alt=''></a>", "link-without-words", "error"),
        ("<script>go()</script>", "active-content", "error"),
        ("<p onclick='go()'>x</p>", "active-content", "error"),
        ("<form action='https://shop.test'><input></form>", "active-content", "warning"),
        ("<b>never closed", "html-moved", "error"),
        ("<table role=presentation><div>x</div><tr><td>a</td></tr></table>", "html-moved", "warning"),
        ("<!--[if mso]> x -->", "outlook-comment-open", "error"),
        ("<!-- a note never closed", "comment-open", "error"),
        ("<p>Lorem ipsum dolor sit amet</p>", "placeholder-residue", "error"),
        ("<p>Dear [First Name],</p>", "placeholder-residue", "error"),
        ("<p>GrÃ¼ÃŸe</p>", "damaged-text", "error"),
        ("<p>Hi *|FNAME|*</p>", "tag-of-another-tool", "warning"),
        ("<p>Hi %%first_name%%</p>", "tag-of-another-tool", "warning"),
        ("<p>Hi [[name]]</p>", "tag-of-another-tool", "warning"),
        ("<p>Hi <%= name %></p>", "tag-of-another-tool", "warning"),
        ("<p>{{#if vip}}Hi{{/if}}</p>", "tag-of-another-tool", "warning"),
        ("<p>Hi {{ first_name }}</p>", "variable-unknown", "warning"),
        ("<p>Hi {{ customer.first_name }}</p>", "variable-unknown", "warning"),
        ("<p>{{ customer.salutation | upcse }}</p>", "liquid-filter", "error"),
        ("<p>{% if message.level == 'one' %}Hi</p>", "liquid-syntax", "error"),
        ("<p style='display:flex'>x</p>", "style-unsupported", "warning"),
        ("<link rel=stylesheet href='https://shop.test/a.css'>", "style-linked", "warning"),
        ("<mj-text>x</mj-text>", "element-of-another-tool", "warning"),
        ("<h4>Too deep</h4>", "heading-order", "note"),
        ("<table><tr><td>a</td></tr></table>", "table-without-role", "note"),
        ("<p style='font-size:7px'>Tiny words here</p>", "words-too-small", "warning"),
    ],
)  # fmt: skip
def test_each_planted_fault_is_named_at_its_line(fault: str, rule: str, severity: str, tmp_path: Path) -> None:
    found = [one for one in checked(GOOD.replace("<!-- HERE -->", fault), tmp_path).findings if one.rule == rule]
    assert found, rules(checked(GOOD.replace("<!-- HERE -->", fault), tmp_path))
    assert found[0].severity.value == severity
    assert found[0].place is not None
    assert found[0].place.line == LINE
    assert found[0].fix


@pytest.mark.parametrize(
    ("gone", "rule"),
    [
        (' lang="en"', "html-language"),
        ("<!doctype html>\n", "doctype-missing"),
        ('<meta charset="utf-8">', "charset-missing"),
        ('<meta name="viewport" content="width=device-width">', "viewport-missing"),
        ('<meta name="color-scheme" content="light dark">', "dark-mode"),
        ("<title>Spring</title>", "title-missing"),
        ('<a href="{{ links.unsubscribe }}">Unsubscribe</a>', "unsubscribe-missing"),
        (", 1 High Street, London N1 9GU", "postal-address-missing"),
        ("</td></tr></table><![endif]-->", "comment-open"),
    ],
)
def test_what_is_left_out_is_missed(gone: str, rule: str, tmp_path: Path) -> None:
    assert gone in GOOD
    assert rule in rules(checked(GOOD.replace(gone, ""), tmp_path))


@pytest.mark.parametrize("colour", ["color:{{ brand.colours.quiet }}", "background:<%= ground %>;color:#fff"])
def test_colours_that_are_filled_in_are_not_judged(colour: str, tmp_path: Path) -> None:
    text = GOOD.replace("<!-- HERE -->", f'<p style="{colour}">Words</p>')
    assert "contrast-low" not in rules(checked(text, tmp_path))


def test_either_form_of_a_comment_for_others_than_outlook_is_whole(tmp_path: Path) -> None:
    for opening in ("<!--[if !mso]><!-->", "<!--[if !mso]><!-- -->", "<!--[if !mso]> -->", "<!--[if !(gte mso 15)]-->"):
        text = GOOD.replace("<!-- HERE -->", f"{opening}<div>x</div><!--<![endif]-->")
        assert rules(checked(text, tmp_path)) == set(), opening


def test_words_over_a_picture_are_judged_by_what_is_seen_without_it(tmp_path: Path) -> None:
    assert "contrast-low" in rules(checked(GOOD.replace("<!-- HERE -->", PICTURE), tmp_path))
    for colour in ("bgcolor='#123456'", "style='background-color:#222'", "style='background:#777 url(b.png)'"):
        text = GOOD.replace("<!-- HERE -->", PICTURE.replace("role=", f"{colour} role="))
        assert "contrast-low" not in rules(checked(text, tmp_path)), colour


def test_service_mail_needs_no_way_out(tmp_path: Path) -> None:
    text = GOOD.replace('<a href="{{ links.unsubscribe }}">Unsubscribe</a>', "").replace(
        "four things", "reset your password"
    )
    found = [one for one in checked(text, tmp_path).findings if one.rule == "unsubscribe-missing"]
    assert [one.severity for one in found] == [Severity.NOTE]


@pytest.mark.parametrize(("kilobytes", "rule"), [(80, None), (95, "html-nearly-too-large"), (110, "html-too-large")])
def test_a_letter_near_the_clipping_size_is_warned(kilobytes: int, rule: str | None, tmp_path: Path) -> None:
    filler = "<p>" + "word " * (kilobytes * 1024 // 5) + "</p>"
    found = rules(checked(GOOD.replace("<!-- HERE -->", filler), tmp_path)) & {
        "html-nearly-too-large",
        "html-too-large",
    }
    assert found == ({rule} if rule else set())


def test_one_branch_of_an_element_is_no_torn_element(tmp_path: Path) -> None:
    text = "{% if offer %}<div style='color:#111'>{% else %}<div style='color:#222'>{% endif %}x</div>"
    assert rules(checked(GOOD.replace("<!-- HERE -->", text), tmp_path)) == set()


def test_mjml_is_told_at_the_authors_line(tmp_path: Path) -> None:
    text = (
        '<mjml lang="en">\n<mj-head><mj-title>a</mj-title></mj-head>\n<mj-body><mj-section><mj-column>\n'
        '<mj-image src="https://shop.test/a.png" alt="One" />\n<mj-image src="https://shop.test/b.png" />\n'
        '<mj-text color="#ccc">Pale words here</mj-text></mj-column></mj-section></mj-body></mjml>'
    )
    found = {one.rule: one for one in checked(text, tmp_path, name="a.mjml").findings}
    assert found["image-without-alt"].place is not None
    assert found["image-without-alt"].place.line == 5
    assert found["contrast-low"].place is not None
    assert found["contrast-low"].place.line == 6


def test_a_fault_of_mjml_has_line_and_caret(tmp_path: Path) -> None:
    found = checked("<mjml><mj-body>\n  <mj-nonsense /></mj-body></mjml>", tmp_path, name="a.mjml")
    assert not found.passes
    assert str(found.findings[0]).endswith("^")
    assert found.findings[0].place is not None
    assert found.findings[0].place.line == 2


def test_includes_beside_the_file_are_read_and_others_are_noted(tmp_path: Path) -> None:
    (tmp_path / "head.mjml").write_text(
        "<mj-section><mj-column><mj-text>From the head</mj-text></mj-column></mj-section>"
    )
    text = "<mjml><mj-body><mj-include path='./head.mjml' /><mj-include path='gone.mjml' /></mj-body></mjml>"
    found = checked(text, tmp_path, name="a.mjml")
    told = [one.what for one in found.findings if one.rule == "mjml-include"]
    assert told == ["'gone.mjml' cannot be seen from here and is left out"]
    assert "html-empty" not in rules(found)


def test_a_part_of_a_letter_is_read_as_one(tmp_path: Path) -> None:
    text = "<mj-section><mj-column><mj-button href=''>Go</mj-button></mj-column></mj-section>"
    found = checked(text, tmp_path, name="footer.mjml")
    assert {"mjml-part", "link-empty"} <= rules(found)
    assert "unsubscribe-missing" not in rules(found)


def test_a_mail_is_read_with_its_headers_and_text(tmp_path: Path) -> None:
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["To"] = "Spring", "a@shop.test", "b@shop.test"
    mail.set_content("Spring is here")
    mail.add_alternative(GOOD.replace("{{ links.unsubscribe }}", "https://shop.test/u"), subtype="html")
    path = tmp_path / "a.eml"
    path.write_bytes(mail.as_bytes())
    assert rules(check_file(path)) - {"variable-unknown"} == {"list-unsubscribe-missing"}
    only = EmailMessage()
    only["Subject"] = "RE: SPRING"
    only.set_content(GOOD, subtype="html")
    path.write_bytes(only.as_bytes())
    assert {"text-part-missing", "subject-false-reply"} <= rules(check_file(path))


@pytest.mark.parametrize("name", sorted(path.relative_to(STARTER).as_posix() for path in STARTER.rglob("*.*")))
def test_the_starters_own_content_passes(name: str) -> None:
    found = check_file(STARTER / name)
    assert [str(one) for one in found.findings if one.severity is not Severity.NOTE] == []


def test_what_is_no_content_is_said(tmp_path: Path) -> None:
    with pytest.raises(Misuse, match="no content"):
        checked("x", tmp_path, name="a.docx")
    with pytest.raises(Misuse, match="cannot be read"):
        check_file(tmp_path / "nothing.html")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cut=st.integers(0, len(GOOD)),
    put=st.text(alphabet="<>/!-=\"'{}%[]&;ab \n\x00", max_size=12),
    gone=st.integers(0, 80),
    name=st.sampled_from(["a.html", "a.mjml", "a.liquid", "a.eml"]),
)
def test_no_file_brings_it_down(cut: int, put: str, gone: int, name: str, tmp_path: Path) -> None:
    checked(GOOD[:cut] + put + GOOD[cut + gone :], tmp_path, name=name)


BROKEN = """<mjml><mj-head><mj-attributes><mj-image padding="0" /></mj-attributes></mj-head>
<mj-body><mj-section><mj-column>
<mj-text>Hi *|FNAME|*, %%first%% {{{x}}} <a href="#">here</a> lorem ipsum</mj-text>
<mj-text>{% if a %}never closed {{ b | </mj-text>
<mj-button href="https://shop.test/{{ x }}">Go</mj-button><mj-image src="https://shop.test/a.png" alt="" />
</mj-column></mj-section></mj-body></mjml>
"""


def test_what_can_be_judged_without_parsing_is_told_beside_the_syntax_error(tmp_path: Path) -> None:
    path = tmp_path / "letter.mjml"
    path.write_text(BROKEN, encoding="utf-8")
    found = check_file(path)
    told = sorted((one.rule, one.place.line) for one in found.findings if one.place)
    assert told == [
        ("link-empty", 3), ("liquid-syntax", 4), ("placeholder-residue", 3), *[("tag-of-another-tool", 3)] * 3
    ]  # fmt: skip
    assert not found.passes


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ('<mj-text paddin="3px">A</mj-text>', "padding"),
        ('<mj-button\n  href="https://shop.test/" colour="red">A</mj-button>', "color"),
        ('<mj-image src="https://shop.test/a.png" alt="A" widht="3px" />', "width"),
        ('<mj-text data-x="{{ a }}">A</mj-text>', ""),
    ],
)
def test_an_attribute_that_mjml_drops_is_told_with_a_guess(line: str, meant: str, tmp_path: Path) -> None:
    path = tmp_path / "letter.mjml"
    path.write_text(f"<mjml><mj-body><mj-section><mj-column>\n{line}\n</mj-column></mj-section></mj-body></mjml>")
    (found,) = (one for one in check_file(path).findings if one.rule in {"mjml-attribute", "liquid-lost"})
    assert found.place
    assert found.place.line == 2 + ("colour" in line)
    if found.rule == "mjml-attribute":
        assert found.severity is Severity.WARNING
        assert (f"{meant!r}" in found.fix) is bool(meant)
