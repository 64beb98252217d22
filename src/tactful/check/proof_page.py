"""The send sheet people see before they approve: one HTML file that opens without a server and fetches nothing."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from tactful.check.proof_sheet import Gate, LevelCount, ProofShown, Sheet, Step
from tactful.check.proof_style import STYLE
from tactful.words.finding import Severity
from tactful.words.level import Level

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-src 'self' about:; base-uri 'none'"
"""Nothing is fetched and nothing runs, in the page and in the proofs, whatever stands in them."""
_WORST = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}


def draw(sheet: Sheet) -> str:
    """One self-contained page. Every value is escaped; each proof stands in a frame that may do nothing.

    Args:
        sheet: what the run found, as flow filled it in.
    """
    head = (
        f'<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark"><meta name="referrer" content="no-referrer">'
        f"<title>{_e(sheet.shop)}: the send sheet for {_e(sheet.occasion)}</title><style>{STYLE}</style>"
    )
    body = "".join(
        (
            '<a class="skip" href="#sheet">To the sheet</a>',
            _header(sheet),
            '<main id="sheet">',
            _figures(sheet),
            _waterfall(sheet.steps),
            _ladder(sheet.levels),
            _cost_and_gate(sheet),
            _proofs(sheet),
            _approve(sheet),
            "</main>",
            _footer(sheet),
        )
    )
    return f'<!doctype html>\n<html lang="en" dir="ltr"><head>{head}</head><body>{body}</body></html>\n'


def _e(text: str) -> str:
    """Text as it may stand in HTML, attributes included; half a character stands as the sign for damage."""
    return escape(text.encode("utf-8", "replace").decode("utf-8"), quote=True)


def _list(lines: Iterable[str]) -> str:
    return "<ul>" + "".join(f"<li>{_e(line)}</li>" for line in lines) + "</ul>"


def _header(sheet: Sheet) -> str:
    places = (
        ("#people", "Who is written to"),
        ("#levels", "How personally"),
        ("#checked", "Cost and gate"),
        ("#proofs", f"{len(sheet.proofs)} proofs"),
        ("#approve", "Approve"),
    )
    links = "".join(f'<a href="{place}">{_e(words)}</a>' for place, words in places)
    return (
        f'<header><div class="eyebrow">{_e(sheet.shop)} · run {_e(sheet.run)}</div>'
        f"<h1>The send sheet<br><em>{_e(sheet.occasion)}</em></h1>"
        f'<nav aria-label="On this sheet">{links}</nav></header>'
    )


def _figures(sheet: Sheet) -> str:
    shown = "".join(
        f'<div class="figure"><dt>{_e(figure.words)}</dt><dd class="number">{_e(figure.number)}</dd>'
        + (f'<dd class="small">{_e(figure.note)}</dd>' if figure.note else "")
        + "</div>"
        for figure in sheet.figures
    )
    stop = ""
    if sheet.gate.why_stop:
        why = _list(sheet.gate.why_stop)
        stop = f'<div class="note stop" role="alert"><strong>This run must stop.</strong>{why}</div>'
    invented = ""
    if sheet.invented:
        invented = '<div class="note">Some of this is invented. <a href="#invented">What exactly</a>.</div>'
    return f'<dl class="figures">{shown}</dl>{stop}{invented}'


def _waterfall(steps: tuple[Step, ...]) -> str:
    if not steps:
        return ""
    whole = max(step.left + step.gone for step in steps) or 1
    rows = "".join(_step(step, whole=whole, is_last=step is steps[-1], is_first=step is steps[0]) for step in steps)
    return (
        '<section id="people"><h2>Who is written to, and where the others left</h2>'
        '<p class="lede">Each step opens. What leaves at a step and what goes on add up to what came.</p>'
        f'<div class="fall">{rows}</div></section>'
    )


def _step(step: Step, *, whole: int, is_last: bool, is_first: bool) -> str:
    left, gone = 100 * step.left / whole, 100 * step.gone / whole
    bar = f'<span class="bar" aria-hidden="true"><i style="width:{left:.3f}%"></i>'
    bar += f'<i class="gone" style="width:{gone:.3f}%"></i></span>' if step.gone else "</span>"
    less = f'<span class="sr">left here: </span>−{step.gone:,}' if step.gone else ("" if is_first or is_last else "0")
    line = (
        f'<span class="name">{_e(step.words)}</span>{bar}'
        f'<span class="gone-number" title="left at this step">{less}</span>'
        f'<span class="left-number" title="go on"><span class="sr">go on: </span>{step.left:,}</span>'
    )
    name = "step last" if is_last else "step"
    if not step.programs and not step.why:
        return f'<div class="{name}"><div class="row">{line}<span></span></div></div>'
    rows = "".join(
        f'<tr><td>{_e(one.program)}</td><td class="number">{one.gone:,}</td><td class="number">{one.left:,}</td></tr>'
        for one in step.programs
    )
    table = (
        '<table><thead><tr><th scope="col">Program</th><th scope="col" class="number">left here</th>'
        f'<th scope="col" class="number">go on</th></tr></thead><tbody>{rows}</tbody></table>'
        if rows
        else ""
    )
    why = f"<p>{_e(step.why)}</p>" if step.why else ""
    return (
        f'<details class="{name}"><summary>{line}<span class="turn" aria-hidden="true">›</span></summary>'
        f'<div class="inside">{why}{table}</div></details>'
    )


def _ladder(levels: tuple[LevelCount, ...]) -> str:
    people = sum(level.people for level in levels)
    if not people:
        return ""
    ordered = sorted(levels, key=lambda level: level.level.rank)
    said = ", ".join(f"{level.level.label}: {level.people:,}" for level in ordered)
    bar = "".join(
        f'<span class="{level.level.value}" style="flex:{level.people} 0 0" title="{_e(level.level.label)}: '
        f'{level.people:,}"></span>'
        for level in ordered
        if level.people
    )
    keys = "".join(
        f'<li><span class="key {level.level.value}" aria-hidden="true"></span>{_e(_label(level.level))}'
        f'<span class="people">{level.people:,}<span class="share">{100 * level.people / people:.1f} %</span></span>'
        "</li>"
        for level in ordered
    )
    return (
        '<section id="levels"><h2>How personally</h2>'
        '<p class="lede">More personal is not better. Each step up is taken only where the relationship allows it and'
        " it is expected to pay.</p>"
        f'<div class="ladder" role="img" aria-label="{_e(said)}">{bar}</div><ul class="rungs">{keys}</ul></section>'
    )


def _label(level: Level) -> str:
    return "nothing: silence won" if level is Level.NONE else level.label


def _cost_and_gate(sheet: Sheet) -> str:
    costs = "".join(
        f"<tr{' class=total' if cost.is_total else ''}><td>{_e(cost.words)}</td>"
        f'<td class="number">{_e(cost.amount)}</td></tr>'
        for cost in sheet.costs
    )
    cost = (
        f'<div><h2>What it costs</h2><table style="margin-top:24px"><tbody>{costs}</tbody></table></div>'
        if costs
        else ""
    )
    inside = f'{cost}<div class="checked">{_gate(sheet.gate)}</div>'
    return f'<section id="checked"><div class="{"pair" if cost else ""}">{inside}</div></section>'


def _gate(gate: Gate) -> str:
    held = f"{gate.quarantined:,} were held back" if gate.quarantined else "none was held back"
    words = f"Every one of the {gate.seen:,} messages was held against {gate.rules} rules; {held}."
    words += _audit(gate)
    if not gate.found:
        end = "" if gate.places else " Nothing was found."
        said = f'<h2>What the gate says</h2><p class="lede good" style="margin-top:12px">{words}{end}</p>'
        return said + _places(gate)
    rows = "".join(
        f'<tr><td><span class="severity {one.severity.value}">{one.severity.value}</span></td>'
        f'<td class="number">{one.count:,}</td><td><code>{_e(one.rule)}</code><br>{_e(one.why)}'
        f'<div class="rule-fix">{_e(one.fix[:1].upper() + one.fix[1:])}.</div></td></tr>'
        for one in sorted(gate.found, key=lambda one: (_WORST[one.severity], -one.count, one.rule))
    )
    return (
        f'<h2>What the gate says</h2><p class="quiet" style="margin:12px 0 18px">{words}</p>'
        '<div class="scroll"><table class="rules"><thead><tr><th scope="col">severity</th>'
        '<th scope="col" class="number">messages</th><th scope="col">rule</th></tr></thead>'
        f"<tbody>{rows}</tbody></table></div>{_places(gate)}"
    )


def _audit(gate: Gate) -> str:
    """What reading some letters whole came to, and what was let pass."""
    said = ""
    if gate.audited:
        same = "all the same" if not gate.differing else f"{gate.differing:,} were judged otherwise"
        said += f" {gate.audited:,} of {gate.seen:,} were assembled and read again whole; {same}."
    if gate.suppressed:
        said += f" {gate.suppressed:,} findings were let pass for a declared reason; they are counted below."
    return said


def _places(gate: Gate) -> str:
    """Where each rule spoke."""
    if not gate.places:
        return ""
    rows = "".join(
        f"<tr><td><code>{_e(one.rule)}</code></td><td>{_e(one.program)}</td><td>{_e(one.level)}</td>"
        f'<td>{_e(one.content)}<div class="rule-fix">{_e(one.branch or "one way through")}</div></td>'
        f'<td class="number">{one.messages:,}</td><td class="number">{one.suppressed or ""}</td></tr>'
        for one in gate.places
    )
    heads = "".join(f'<th scope="col">{name}</th>' for name in ("rule", "program", "level", "content and branch"))
    heads += '<th scope="col" class="number">messages</th><th scope="col" class="number">let pass</th>'
    return (
        '<details class="where"><summary>Where: by rule, program, level and branch</summary><div class="scroll">'
        f'<table class="rules"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div></details>'
    )


def _proofs(sheet: Sheet) -> str:
    whole = len(sheet.proofs)
    cards = "".join(
        _proof(proof, number=number, whole=whole, shop=sheet.shop) for number, proof in enumerate(sheet.proofs, start=1)
    )
    more = ""
    if sheet.uncovered:
        words = f"What no proof shows: {len(sheet.uncovered):,} of {sheet.features:,} things that differ"
        more = f'<details class="note"><summary>{words}</summary>{_list(sheet.uncovered)}</details>'
    shown = sheet.features - len(sheet.uncovered)
    every = f"all {shown:,}" if not sheet.uncovered else f"{shown:,} of {sheet.features:,}"
    return (
        f'<section id="proofs"><h2>{whole} proofs, riskiest first</h2>'
        f'<p class="lede">Together they show {every} things in which the messages differ: every branch, level, offer,'
        " language, risky place and extreme. Each is the letter as it leaves; pictures are not fetched here.</p>"
        f'{_CHOICES}{more}<div class="proofs">{cards}</div></section>'
    )


def _choice(name: str, legend: str, *options: str) -> str:
    """One row of buttons of which one is pressed; the style sheet does the rest, so that no script is needed."""
    rows = "".join(
        f'<input type="radio" name="{name}" id="{name}-{option}"{" checked" if number == 0 else ""}>'
        f'<label for="{name}-{option}">{option}</label>'
        for number, option in enumerate(options)
    )
    return f"<fieldset><legend>{legend}</legend>{rows}</fieldset>"


_CHOICES = (
    '<div class="choices">'
    + _choice("width", "Width", "phone", "desktop")
    + _choice("light", "Light", "device", "light", "dark")
    + _choice("as", "Shown as", "letter", "text")
    + "</div>"
)
_FIRST_WHYS = 4


def _proof(proof: ProofShown, *, number: int, whole: int, shop: str) -> str:
    level, language = proof.level, _e(proof.language)
    told = " · ".join(_e(word) for word in (proof.program, proof.offer, proof.language) if word)
    findings = _details("What the gate says", proof.findings, is_open=True) if proof.findings else ""
    good = "" if proof.findings else '<p class="good">The gate has nothing to say of it.</p>'
    reasons = _details("Why this was decided", proof.reasons) if proof.reasons else ""
    following = f"#proof-{number + 1}" if number < whole else "#approve"
    return (
        f'<article class="proof" id="proof-{number}" aria-labelledby="subject-{number}">'
        f'<a class="skip" href="{following}">{"To the next proof" if number < whole else "To the approval"}</a>'
        f'<div class="head"><span class="count">{number}</span>'
        f'<span class="tag level {level.value}">{_e(level.label)}</span><span class="tag">{told}</span></div>'
        f'<div class="phone"><div class="inbox"><div class="inbox-from">{_e(shop)} to {_e(proof.to)}</div>'
        f'<h3 class="subject" id="subject-{number}" lang="{language}">{_e(proof.subject)}</h3>'
        f'<div class="preheader" lang="{language}">{_e(proof.preheader)}</div></div>'
        f'<iframe sandbox="" referrerpolicy="no-referrer" title="Letter {number}"'
        f' srcdoc="{_e(proof.html)}"></iframe>'
        f'<pre class="plain" lang="{language}" tabindex="0" aria-label="Letter {number} as plain text">'
        f"{_e(proof.text)}</pre></div>"
        f'<div class="under">{_why(proof.why)}{findings}{good}{reasons}{_again(proof)}</div></article>'
    )


def _why(why: tuple[str, ...]) -> str:
    """What it was chosen to show; beyond the first few, folded."""
    if not why:
        return ""
    first, rest = why[:_FIRST_WHYS], why[_FIRST_WHYS:]
    more = f"<details><summary>and {len(rest)} more</summary>{_list(rest)}</details>" if rest else ""
    return f'<div class="why"><span class="why-label">Chosen to show</span>{_list(first)}{more}</div>'


def _again(proof: ProofShown) -> str:
    return f'<p class="again">Again: <code>tactful show {_e(proof.message[:12])}</code></p>'


def _details(words: str, lines: tuple[str, ...], *, is_open: bool = False) -> str:
    return f"<details{' open' if is_open else ''}><summary>{_e(words)}</summary>{_list(lines)}</details>"


def _approve(sheet: Sheet) -> str:
    second = ""
    if sheet.second_person:
        second = (
            f'<div class="note stop"><strong>A second person must approve.</strong>{_list(sheet.second_person)}</div>'
        )
    note = f'<p class="quiet">{_e(sheet.approve_note)}</p>' if sheet.approve_note else ""
    if sheet.gate.why_stop:
        return '<section class="approve" id="approve"><h2>It cannot be approved as it is</h2></section>'
    words = "If it is right, approve exactly this"
    if sheet.set_hash:
        note += f'<p class="quiet small">The proofs, in full: <code>{_e(sheet.set_hash)}</code></p>'
    return (
        f'<section class="approve" id="approve"><h2>{words}</h2>{second}'
        f"<pre><code>{_e(sheet.approve)}</code></pre>{note}</section>"
    )


def _footer(sheet: Sheet) -> str:
    invented = f'<h2 id="invented">What is invented here</h2>{_list(sheet.invented)}' if sheet.invented else ""
    return f"<footer>{invented}</footer>"
