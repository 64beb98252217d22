"""How the send sheet looks: one quiet style sheet, light and dark, phone and desk."""

STYLE = """
:root {
  color-scheme: light dark;
  --paper: #faf7f1; --card: #fffdf9; --ink: #25221e; --quiet: #6b6459; --faint: #786f63; --line: #e5ddd0;
    --soft: #f1ebe0;
  --accent: #7b3f2f; --error: #9b2c1f; --warning: #8a5a0b; --good: #2f6b4a;
  --none: #d8d0c3; --all: #bfd3d0; --many: #86adab; --few: #41757a; --one: #1d5057;
  --on-all: #25221e; --on-many: #16302f; --on-few: #ffffff; --on-one: #ffffff;
  --serif: "Iowan Old Style", "Palatino Linotype", Palatino, "Book Antiqua", "URW Palladio L", Georgia, serif;
  --sans: ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  --mono: ui-monospace, "SF Mono", "Cascadia Code", Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #171512; --card: #1f1c19; --ink: #ece5da; --quiet: #aaa093; --faint: #91877a; --line: #37312a;
    --soft: #262220;
    --accent: #e0a48e; --error: #f0907f; --warning: #e0b160; --good: #86c7a1;
    --none: #4a443c; --all: #2d4748; --many: #477174; --few: #7aaaab; --one: #b9dbd8;
    --on-all: #ece5da; --on-many: #ffffff; --on-few: #10211f; --on-one: #10211f;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; scroll-behavior: smooth; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 17px/1.6 var(--serif);
  font-variant-numeric: lining-nums tabular-nums; text-rendering: optimizeLegibility; }
main, header, footer { max-width: 1240px; margin: 0 auto; padding: 0 40px; }
h1, h2, h3 { font-weight: 400; line-height: 1.15; margin: 0; letter-spacing: -0.01em; }
h1 { font-size: clamp(38px, 5.4vw, 64px); }
h2 { font-size: clamp(27px, 3vw, 36px); }
h3 { font-size: 20px; line-height: 1.3; }
p { margin: 0 0 0.8em; max-width: 38em; }
a { color: var(--accent); text-underline-offset: 3px; text-decoration-thickness: 1px; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 3px; border-radius: 3px; }
.eyebrow, .tag, nav, th, .why-label, .inbox-from { font-family: var(--sans); font-size: 13px; line-height: 1.45;
    color: var(--quiet); }
.quiet { color: var(--quiet); }
.skip { position: absolute; left: -999px; }
.skip:focus { left: 16px; top: 12px; background: var(--card); padding: 8px 14px; z-index: 2; }
.proof { position: relative; scroll-margin-top: 24px; }
.proof .skip:focus { left: 0; top: -12px; }
.sr { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
header { padding-top: 72px; padding-bottom: 12px; }
header .eyebrow { margin-bottom: 18px; }
header h1 em { font-style: italic; color: var(--accent); }
nav { margin-top: 34px; padding-top: 14px; border-top: 1px solid var(--line); display: flex; flex-wrap: wrap;
    gap: 6px 26px; }
nav a { color: var(--quiet); text-decoration: none; padding: 6px 0; }
nav a:hover { color: var(--accent); }
section { padding: 68px 0 0; }
section > .lede { color: var(--quiet); margin-top: 12px; margin-bottom: 30px; }
.note { border-left: 3px solid var(--line); padding: 4px 0 4px 20px; margin: 28px 0 0; color: var(--quiet);
    font-size: 16px; }
.note.stop { border-color: var(--error); color: var(--ink); }
.note.stop strong { color: var(--error); font-weight: 600; }
.note ul { margin: 6px 0 0; padding-left: 1.1em; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(190px, 1fr)); gap: 34px 44px;
    margin: 46px 0 0; padding: 0; }
.figure { margin: 0; border-top: 1px solid var(--ink); padding-top: 14px; }
.figure dt { font-size: 17px; }
.figure dd { margin: 0; }
.figure .number { font-size: clamp(36px, 4.2vw, 52px); line-height: 1.1; letter-spacing: -0.02em;
    white-space: nowrap; }
.figure .small { color: var(--quiet); font-size: 15px; line-height: 1.45; margin-top: 4px; }
.figure { display: flex; flex-direction: column; }
.figure dt { order: 2; margin-top: 4px; } .figure .number { order: 1; } .figure .small { order: 3; }
.fall { border-top: 1px solid var(--line); }
.step { border-bottom: 1px solid var(--line); }
.step > summary, .step > .row { list-style: none; display: grid;
    grid-template-columns: minmax(150px, 15rem) 1fr 5.5rem 6.2rem 1.4rem;
  gap: 20px; align-items: center; padding: 11px 0; }
.step > summary { cursor: pointer; }
.step > summary::-webkit-details-marker { display: none; }
.step > summary:hover .name { color: var(--accent); }
.step .name { line-height: 1.3; }
.step .bar { height: 18px; display: flex; }
.step .bar i { display: block; height: 100%; background: var(--few); min-width: 0; }
.step .bar i.gone { background: repeating-linear-gradient(135deg, var(--none) 0 2px, transparent 2px 6px); }
.step .gone-number { text-align: right; color: var(--faint); font-size: 15px; }
.step .left-number { text-align: right; }
.step .turn { color: var(--faint); text-align: center; font-family: var(--sans); font-size: 13px;
    transition: transform .15s; }
.step[open] .turn { transform: rotate(90deg); }
.step.last .name, .step.last .left-number { font-size: 21px; }
.step.last .bar i:not(.gone) { background: var(--one); }
.step .inside { padding: 2px 0 22px; margin-left: calc(min(15rem, 28%) + 20px); max-width: 44em; }
.step .inside p { color: var(--quiet); font-size: 16px; }
table { border-collapse: collapse; width: 100%; }
th { text-align: left; font-weight: 500; padding: 6px 16px 6px 0; border-bottom: 1px solid var(--line); }
td { padding: 8px 16px 8px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
td.number, th.number { text-align: right; padding-right: 0; white-space: nowrap; padding-left: 16px; }
.rules td.number, .rules th.number { padding-right: 26px; padding-left: 0; }
tr.total td { border-bottom: 0; border-top: 1px solid var(--ink); font-size: 19px; padding-top: 12px; }
.inside td, .inside th { font-size: 15px; }
.ladder { display: flex; height: 66px; border-radius: 3px; overflow: hidden; gap: 2px; }
.ladder span { display: block; min-width: 3px; }
.none { background: repeating-linear-gradient(135deg, var(--none) 0 2px, transparent 2px 6px); }
.all { background: var(--all); } .many { background: var(--many); } .few { background: var(--few);
    } .one { background: var(--one); }
.rungs { display: grid; grid-template-columns: repeat(auto-fit, minmax(160px, 1fr)); gap: 18px 28px;
    margin: 22px 0 0; padding: 0; list-style: none; }
.rungs li { line-height: 1.35; position: relative; padding-left: 26px; }
.rungs .key { position: absolute; left: 0; top: 5px; width: 14px; height: 14px; border-radius: 2px; }
.rungs .people { display: block; font-size: 24px; }
.rungs .share { color: var(--quiet); font-size: 15px; margin-left: 8px; }
.pair { display: grid; grid-template-columns: minmax(260px, 5fr) 8fr; gap: 64px; }
.scroll { overflow-x: auto; }
code { font-family: var(--mono); font-size: 0.84em; overflow-wrap: anywhere; }
.severity.error { color: var(--error); } .severity.warning { color: var(--warning); }
.approve .small { font-size: 15px; margin: 0; }
.severity.note { color: var(--quiet); border: 0; padding: 0; margin: 0; } .good { color: var(--good); }
.severity { font-family: var(--sans); font-size: 13px; white-space: nowrap; }
.severity::before { content: ""; display: inline-block; width: 8px; height: 8px; border-radius: 50%;
    background: currentColor; margin-right: 8px; }
.rule-fix { color: var(--quiet); font-size: 15px; line-height: 1.45; }
.choices { display: none; flex-wrap: wrap; gap: 14px 34px; margin: 0 0 34px; }
@supports selector(:has(*)) { .choices { display: flex; } .plain { display: none; } }
.choices fieldset { border: 0; margin: 0; padding: 0; display: flex; align-items: center; min-width: 0; }
.choices legend { float: left; margin-right: 12px; padding: 0; }
.choices legend, .choices label { font-family: var(--sans); font-size: 14px; color: var(--quiet); }
.choices input { position: absolute; opacity: 0; width: 1px; height: 1px; }
.choices label { padding: 7px 14px; border: 1px solid var(--line); margin-left: -1px; cursor: pointer; }
.choices input:first-of-type + label { border-radius: 999px 0 0 999px; padding-left: 17px; margin-left: 0; }
.choices label:last-child { border-radius: 0 999px 999px 0; padding-right: 17px; }
.choices label:hover { color: var(--accent); }
.choices input:checked + label { background: var(--ink); color: var(--paper); border-color: var(--ink); }
.choices input:focus-visible + label { outline: 2px solid var(--accent); outline-offset: 3px; }
.proofs { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 350px), 1fr)); gap: 56px 40px;
    align-items: start; margin-top: 8px; }
.note + .proofs { margin-top: 40px; }
.proof { min-width: 0; }
.proof .head { display: flex; align-items: baseline; gap: 12px; margin-bottom: 10px; }
.proof .count { font-size: 30px; line-height: 1; color: var(--faint); min-width: 1.3em; }
.tag.level { display: inline-block; white-space: nowrap; border-radius: 999px; padding: 2px 11px; }
.tag.level.none { color: var(--ink); } .tag.level.all { color: var(--on-all);
    } .tag.level.many { color: var(--on-many); }
.tag.level.few { color: var(--on-few); } .tag.level.one { color: var(--on-one); }
.phone { border: 1px solid var(--line); border-radius: 18px; overflow: hidden; background: var(--card);
  box-shadow: 0 1px 2px rgba(40, 30, 20, .05), 0 14px 34px -18px rgba(40, 30, 20, .22); }
.inbox { padding: 16px 20px 14px; border-bottom: 1px solid var(--line); }
.inbox .subject { font-size: 18px; line-height: 1.3; margin: 3px 0 2px; letter-spacing: 0; overflow-wrap: anywhere; }
.inbox .preheader { font-family: var(--sans); font-size: 14px; line-height: 1.4; color: var(--quiet);
    overflow-wrap: anywhere; }
.phone iframe { display: block; width: 100%; height: 600px; border: 0; background: Canvas; }
.plain { margin: 0; height: 600px; overflow: auto; white-space: pre-wrap; overflow-wrap: anywhere;
    font: 13px/1.55 var(--mono); padding: 20px; }
#proofs:has(#light-light:checked) iframe { color-scheme: light; }
#proofs:has(#light-dark:checked) iframe { color-scheme: dark; }
#proofs:has(#as-text:checked) .plain { display: block; }
#proofs:has(#as-text:checked) iframe { display: none; }
#proofs:has(#width-desktop:checked) .proofs { grid-template-columns: minmax(0, 1fr); gap: 72px; }
#proofs:has(#width-desktop:checked) .phone { border-radius: 8px; overflow-x: auto; }
#proofs:has(#width-desktop:checked) iframe { min-width: 680px; height: 760px; }
#proofs:has(#width-desktop:checked) .plain { min-width: min(100%, 680px); height: 760px; }
@media (min-width: 1060px) {
  #proofs:has(#width-desktop:checked) .proof { display: grid; column-gap: 44px;
      grid-template: "head head" auto "letter under" 1fr / minmax(0, 760px) minmax(220px, 1fr); }
  #proofs:has(#width-desktop:checked) .head { grid-area: head; }
  #proofs:has(#width-desktop:checked) .phone { grid-area: letter; }
  #proofs:has(#width-desktop:checked) .under { grid-area: under; padding-top: 4px; }
}
.under { padding: 18px 2px 0; font-size: 15.5px; line-height: 1.5; }
.why { margin-bottom: 10px; }
.why ul { margin: 4px 0 6px; }
.why-label { display: block; }
.under p { margin: 0 0 10px; overflow-wrap: anywhere; }
.under ul { padding-left: 1.1em; margin: 6px 0 8px; }
.under li { overflow-wrap: anywhere; }
.under li::marker { color: var(--faint); }
.under details { border-top: 1px solid var(--line); padding: 8px 0; }
.under .why details { border: 0; padding: 0; }
.under details > summary { cursor: pointer; font-family: var(--sans); font-size: 14px; color: var(--quiet);
    padding: 2px 0; }
.under details > summary:hover { color: var(--accent); }
.under .again { color: var(--faint); font-size: 14px; max-width: none;
  border-top: 1px solid var(--line); padding-top: 9px; }
.approve { margin-top: 84px; background: var(--card); border: 1px solid var(--line); border-radius: 6px;
    padding: 44px clamp(22px, 5vw, 56px) 46px; }
.approve pre { font: 16px/1.5 var(--mono); background: var(--soft); border-radius: 4px; padding: 16px 20px;
    margin: 22px 0 14px; white-space: pre-wrap;
  overflow-wrap: anywhere; user-select: all; }
.approve pre::before { content: "$ "; color: var(--faint); user-select: none; }
footer { padding-top: 60px; padding-bottom: 90px; color: var(--quiet); font-size: 16px; }
footer h2 { font-size: 22px; color: var(--ink); margin-bottom: 10px; }
footer ul { padding-left: 1.1em; max-width: 44em; margin: 0; }
@media (max-width: 720px) {
  body { font-size: 16.5px; }
  main, header, footer { padding-left: 20px; padding-right: 20px; }
  header { padding-top: 40px; }
  section { padding-top: 54px; }
  .figures { grid-template-columns: 1fr 1fr; gap: 26px 22px; margin-top: 36px; }
  .pair { grid-template-columns: 1fr; gap: 54px; }
  .step > summary, .step > .row { grid-template-columns: 1fr auto auto 1.2rem; gap: 2px 12px; padding: 12px 0; }
  .step .bar { grid-row: 2; grid-column: 1 / -1; height: 12px; margin-top: 6px; }
  .step .inside { margin-left: 0; }
  .ladder { height: 50px; }
  .rungs { grid-template-columns: 1fr 1fr; }
  .rules thead { display: none; }
  .rules tr { display: grid; grid-template-columns: 1fr auto; padding: 12px 0; border-bottom: 1px solid var(--line); }
  .rules td, .rules td.number { border: 0; padding: 1px 0; } .rules td:first-child { grid-column: 1;
    } .rules td.number { grid-column: 2; grid-row: 1; }
  .rules td:nth-child(3) { grid-column: 1 / -1; }
  .approve { margin-top: 60px; }
  .approve pre { font-size: 14px; }
}
@media (prefers-reduced-motion: reduce) { * { transition: none !important; scroll-behavior: auto !important; } }
@media print { .choices, nav { display: none; } .phone iframe { height: 900px; }
  .approve, .proof { break-inside: avoid; } }
"""
