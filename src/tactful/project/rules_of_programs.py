"""Rules of programs: references lead somewhere, levels stay what they are, nothing goes without purpose or outcome."""

from __future__ import annotations

from collections.abc import Iterator

from tactful.project.document import Document, Path
from tactful.project.draft import Draft
from tactful.project.fact_use import check_purpose, check_use, facts_of_segment
from tactful.project.guesses import guess
from tactful.project.programs import LevelPlan, Program
from tactful.project.rules_of_settings import check_channel
from tactful.words.condition import names_in
from tactful.words.fact import Purpose
from tactful.words.level import Level

_THEIR_ITEMS = frozenset({"alongside", "again_and_new", "ordered", "likely"})
_LONG_RUN_DAYS = 90


def check_programs(draft: Draft) -> None:
    """Findings within each program and between programs and everything they name."""
    for name, program in draft.programs.items():
        document = draft.documents[f"programs/{name}.yaml"]
        _check_names(draft, document, program=program)
        _check_purpose(draft, document, program=program)
        _check_audience(draft, document, program=program)
        _check_offers(draft, document, program=program)
        _check_expectation(draft, document, program=program)
        if not program.levels:
            document.fault(
                ("levels",),
                rule="no-level",
                what="a program stands at one level at least",
                fix="write all: {content: …}",
            )
        for key, level, plan in _plans(program):
            _check_level(document, (key, level.value), draft=draft, level=level, plan=plan, program=program)
        _check_contents(draft, document, program=program)
        _check_sequence(draft, document, program=program)
        _check_promised(document, program=program)


def _check_promised(document: Document, *, program: Program) -> None:
    """What was promised of a program is possible by its own words, and its missing costs something."""
    promised = program.limits.promised
    if promised is None:
        return
    path: Path = ("limits", "promised", "sends_per_day")
    most = program.limits.sends_per_day
    if most is not None and promised.sends_per_day > most:
        what = f"{promised.sends_per_day:,} messages a day were promised and at most {most:,} may be sent"
        document.fault(path, rule="value", what=what, fix="promise no more than limits: sends_per_day")
    people = program.expect_audience.most
    if people is not None and promised.sends_per_day > people:
        what = f"{promised.sends_per_day:,} messages a day were promised to {people:,} people at most"
        document.fault(path, rule="value", what=what, fix="promise no more than expect_audience: most")
    if promised.missing.amount == 0:
        what = "a promise whose breach costs nothing is none"
        fix = "write what a missing message costs, such as 0.20 and the currency"
        document.fault(("limits", "promised", "missing"), rule="value", what=what, fix=fix)


def _check_sequence(draft: Draft, document: Document, *, program: Program) -> None:
    """A step follows another program, and following back from it ends somewhere."""
    if program.follows is None:
        return
    path: Path = ("follows", "program")
    before, seen = program.follows.program, [program.program]
    if before not in draft.names("programs"):
        fix = guess(before, among=draft.names("programs") - {program.program}, called="other programs")
        document.fault(path, rule="unknown-program", what=f"there is no program {before!r}", fix=fix)
    while before in draft.programs and before not in seen:
        seen.append(before)
        earlier = draft.programs[before].follows
        before = earlier.program if earlier is not None else ""
    if before in seen:
        what = f"this sequence never begins: {' follows '.join([*seen, before])}"
        document.fault(path, rule="sequence", what=what, fix="let its first step follow nothing")
    within = program.follows.within
    if within is not None and within < program.follows.days:
        what = f"the step waits {program.follows.days} days, and after {within} the sequence is over"
        document.fault(("follows", "within"), rule="value", what=what, fix="let within be the longer")


def _plans(program: Program) -> Iterator[tuple[str, Level, LevelPlan]]:
    for key, plans in (("levels", program.levels), ("web", program.web)):
        for level, plan in plans.items():
            yield key, level, plan


def _check_names(draft: Draft, document: Document, *, program: Program) -> None:
    """Outcome, touchpoints and excluded programs exist."""
    if program.outcome not in {None, *draft.names("metrics")} and draft.is_read("metrics.yaml"):
        fix = guess(str(program.outcome), among=draft.names("metrics"), called="metrics")
        document.fault(("outcome",), rule="unknown-metric", what=f"there is no metric {program.outcome!r}", fix=fix)
    if not program.touchpoints:
        document.fault(
            ("touchpoints",),
            rule="empty-value",
            what="a program has a touchpoint",
            fix="write touchpoints: [email]",
        )
    for number, touchpoint in enumerate(program.touchpoints):
        path = document.one(("touchpoints",), number)
        check_channel(document, path, word=touchpoint)
        if touchpoint in program.touchpoints[:number]:
            document.fault(path, rule="two-of-a-name", what=f"{touchpoint!r} is named twice", fix="remove one")
    others = draft.names("programs") - {program.program}
    for number, other in enumerate(program.excludes):
        if other not in others:
            what = "a program cannot exclude itself" if other == program.program else f"there is no program {other!r}"
            fix = guess(other, among=others, called="other programs")
            document.fault(document.one(("excludes",), number), rule="unknown-program", what=what, fix=fix)


def _check_purpose(draft: Draft, document: Document, *, program: Program) -> None:
    """Marketing is measured, the brand far ahead; service mail is never held out; rehearsals reach nobody."""
    marketing = program.purpose is Purpose.MARKETING
    if marketing and program.outcome is None:
        fix = "name a metric of metrics.yaml; only service and transactional programs go without"
        document.fault(("outcome",), rule="no-outcome", what="a marketing program needs an outcome", fix=fix)
    if not marketing and program.holdout > 0:
        what = f"{program.purpose.value} mail is never held out"
        document.fault(("holdout",), rule="holdout", what=what, fix="remove the holdout")
    if program.holdout == 1:
        document.fault(("holdout",), rule="holdout", what="a holdout of everybody leaves nobody", fix="write 10%")
    metric = draft.metrics.get(program.outcome or "")
    if program.brand_message and metric is not None and metric.window < _LONG_RUN_DAYS:
        what = f"a brand message needs a long-run outcome; {program.outcome} looks {metric.window} days ahead"
        fix = f"name a metric with a window of {_LONG_RUN_DAYS} days or more"
        document.fault(("outcome",), rule="no-outcome", what=what, fix=fix)
    if program.brand_message and program.limits.budget is None:
        fix = "write limits: {budget: …}"
        document.fault(("limits",), rule="no-budget", what="a brand message needs a capped budget", fix=fix)
    settings = draft.settings
    if program.test and settings is not None and settings.mode == "live":
        what = f"a rehearsal is aimed at the live audience {program.audience!r}"
        fix = "run it in an environment with mode: test, or remove test: true"
        document.fault(("test",), rule="rehearsal-live", what=what, fix=fix)


def _check_audience(draft: Draft, document: Document, *, program: Program) -> None:
    if program.audience not in draft.names("segments"):
        fix = guess(program.audience, among=draft.names("segments"), called="segments")
        document.fault(("audience",), rule="unknown-segment", what=f"there is no segment {program.audience!r}", fix=fix)
    for name in sorted(facts_of_segment(draft, program.audience)):
        through = f"segment {program.audience}"
        check_purpose(document, ("audience",), draft=draft, name=name, purpose=program.purpose, through=through)
    expected = program.expect_audience
    if expected.most is not None and expected.least > expected.most:
        document.fault(("expect_audience",), rule="value", what="the least is more than the most", fix="swap them")


def _check_offers(draft: Draft, document: Document, *, program: Program) -> None:
    """Offers exist, stand once, and only where something is sold."""
    known = draft.names("offers") | {"none"}
    if not program.offers:
        document.fault(("offers",), rule="empty-value", what="no offer is an offer too", fix="write [none]")
    for number, name in enumerate(program.offers):
        path = document.one(("offers",), number)
        if name not in known:
            fix = guess(name, among=known)
            document.fault(path, rule="unknown-offer", what=f"there is no offer {name!r}", fix=fix)
            continue
        if name in program.offers[:number]:
            document.fault(path, rule="two-of-a-name", what=f"{name!r} is named twice", fix="remove one")
        offer = draft.offers.get(name)
        if program.purpose is not Purpose.MARKETING and name != "none" and (offer is None or offer.kind != "none"):
            what = f"a {program.purpose.value} program makes no offers"
            fix = "write offers: [none], or make it a marketing program with its consent"
            document.fault(path, rule="service-sells", what=what, fix=fix)
        for fact in sorted(names_in(offer.who)) if offer is not None and offer.who is not None else ():
            through = f"offer {name}"
            check_purpose(document, path, draft=draft, name=fact, purpose=program.purpose, through=through)


def _check_expectation(draft: Draft, document: Document, *, program: Program) -> None:
    for level in program.expect.levels:
        if level not in program.levels:
            what, fix = (
                f"the program has no level {level.value!r}",
                guess(level.value, among=[one.value for one in program.levels]),
            )
            document.fault(("expect", "levels", level.value), rule="unknown-level", what=what, fix=fix, of_key=True)
    all_known = set(program.offers) <= draft.names("offers") | {"none"}
    for offer in program.expect.offers:
        if offer not in program.offers and all_known:
            what, fix = f"the program makes no offer {offer!r}", guess(offer, among=program.offers)
            document.fault(("expect", "offers", offer), rule="unknown-offer", what=what, fix=fix, of_key=True)


def _check_level(
    document: Document, path: Path, *, draft: Draft, level: Level, plan: LevelPlan, program: Program
) -> None:
    """A level conditions on what it may, and shows what it may."""
    if level is Level.NONE:
        fix = "remove it: sending nothing always competes"
        document.fault(path, rule="unknown-level", what="`none` is no level of a program", fix=fix, of_key=True)
    uses = [
        (document.one((*path, key), number), name)
        for key in ("by", "needs")
        for number, name in enumerate(getattr(plan, key))
    ]
    if level is Level.ALL and uses:
        what = "the level all conditions on nothing"
        document.fault(uses[0][0], rule="too-personal", what=what, fix="move this to the level many")
    if level in {Level.MANY, Level.FEW} and not plan.by:
        what = f"the level {level.value} says by which facts it differs"
        document.fault(path, rule="missing-key", what=what, fix="write by: and a fact", of_key=True)
    items = plan.items
    if items is not None and items.within is not None:
        uses.append(((*path, "items", "within"), items.within))
    for at, name in uses:
        check_use(document, at, draft=draft, name=name)
        check_purpose(document, at, draft=draft, name=name, purpose=program.purpose)
    if items is not None:
        _check_items(document, (*path, "items"), level=level, plan=plan)


def _check_items(document: Document, path: Path, *, level: Level, plan: LevelPlan) -> None:
    items = plan.items
    assert items is not None
    if items.suggest in _THEIR_ITEMS and level < Level.ONE:
        what = f"{items.suggest!r} shows what this customer ordered: too much for the level {level.value}"
        document.fault((*path, "suggest"), rule="too-personal", what=what, fix="keep it for the level one")
    if level is Level.ALL and items.within is not None:
        what = "the level all conditions on nothing"
        document.fault((*path, "within"), rule="too-personal", what=what, fix="move this to the level many")
    wanted = items.least if items.least is not None else items.count
    if items.suggest == "picks" and len(items.picks) < wanted:
        what = f"{len(items.picks)} picks can never fill {wanted} places"
        document.fault((*path, "suggest"), rule="value", what=what, fix="write picks: with more item ids")
    if items.suggest != "picks" and items.picks:
        document.fault((*path, "picks"), rule="value", what="only `suggest: picks` reads picks", fix="remove them")
    if items.least is not None and items.least > items.count:
        document.fault((*path, "least"), rule="value", what="the least is more than the count", fix="swap them")


def _check_contents(draft: Draft, document: Document, *, program: Program) -> None:
    """Every channel of the program has content at every level it stands at, in the project's first language."""
    channels = dict.fromkeys(touchpoint.split(".", 1)[0] for touchpoint in program.touchpoints)
    if program.web and "web" not in channels:
        document.fault(
            ("web",),
            rule="unused",
            what="the program has no web touchpoint",
            fix="write touchpoints: [email, web.…]",
            of_key=True,
        )
    for channel in channels:
        if channel not in {"email", "web"}:
            continue
        key = "web" if channel == "web" and program.web else "levels"
        for level, plan in (program.web if key == "web" else program.levels).items():
            _check_content(document, (key, level.value, "content"), draft=draft, wanted=(plan.content, channel))


def _check_content(document: Document, path: Path, *, draft: Draft, wanted: tuple[str, str]) -> None:
    content_id, channel = wanted
    languages = draft.spoken.get(wanted)
    if languages is None:
        ending = ".mjml" if channel == "email" else ".web.liquid"
        what = f"there is no content {content_id!r} for {channel}"
        among = {name for name, kind in draft.spoken if kind == channel}
        fix = guess(content_id, among=among) if among else ""
        if not fix.startswith("did you mean") or (content_id in {name for name, _ in draft.spoken}):
            fix = f"write content/{content_id}{ending}"
        document.fault(path, rule="unknown-content", what=what, fix=fix)
        return
    first = draft.settings.languages[0] if draft.settings and draft.settings.languages else None
    if first is not None and first not in languages:
        what = f"content {content_id!r} for {channel} does not speak the project's first language, {first}"
        document.fault(path, rule="untranslated", what=what, fix="write that language too")
    settings = draft.settings
    for language in settings.languages[1:] if settings else ():
        is_chained = settings is not None and language in settings.fallback
        if not is_chained and not languages & {language, language.split("-", 1)[0]}:
            what = f"content {content_id!r} for {channel} has no words in {language}, and no chain is declared for it"
            fix = f"write content/{content_id}.{language}.mjml, or in tactful.yaml: fallback: {{{language}: [{first}]}}"
            document.fault(path, rule="untranslated", what=what, fix=fix)
