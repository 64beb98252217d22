"""How the preview looks: quiet paper, three frames side by side, light and dark, phone and desk."""

STYLE = """
:root {
  color-scheme: light dark;
  --paper: #faf7f1; --card: #fffdf9; --ink: #25221e; --quiet: #6b6459; --line: #e5ddd0; --soft: #f1ebe0;
  --accent: #7b3f2f; --warning: #8a5a0b; --good: #2f6b4a; --glass: #ded5c6; --sign: #1d5057; --on-sign: #ffffff;
  --serif: "Iowan Old Style", "Palatino Linotype", Palatino, "Book Antiqua", "URW Palladio L", Georgia, serif;
  --sans: ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  --mono: ui-monospace, "SF Mono", "Cascadia Code", Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root { --paper: #171512; --card: #1f1c19; --ink: #ece5da; --quiet: #aaa093; --line: #37312a; --soft: #262220;
    --accent: #e0a48e; --warning: #e0b160; --good: #86c7a1; --glass: #0d0c0b; --sign: #b9dbd8; --on-sign: #10211f; }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; scroll-behavior: smooth; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 17px/1.6 var(--serif);
  font-variant-numeric: lining-nums tabular-nums; text-rendering: optimizeLegibility; }
main, header { max-width: 1320px; margin: 0 auto; padding: 0 40px; }
h1, h2, h3 { font-weight: 400; line-height: 1.15; margin: 0; letter-spacing: -0.01em; }
h1 { font-size: clamp(34px, 4.6vw, 54px); overflow-wrap: anywhere; }
h2 { font-size: clamp(26px, 2.8vw, 34px); }
h3 { font-size: 18px; line-height: 1.3; overflow-wrap: anywhere; }
p { margin: 0 0 0.8em; max-width: 40em; }
a { color: var(--accent); text-underline-offset: 3px; text-decoration-thickness: 1px; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 3px; border-radius: 3px; }
header { padding-top: 64px; }
.eyebrow, th, figcaption, .small, .choices, .inbox, .size, .line, .when { font-family: var(--sans); font-size: 13px;
  line-height: 1.45; color: var(--quiet); }
.eyebrow { margin-bottom: 16px; overflow-wrap: anywhere; }
.lede { color: var(--quiet); margin: 10px 0 0; font-size: 19px; }
.quiet { color: var(--quiet); }
.notes { margin: 22px 0 0; padding: 2px 0 2px 20px; border-left: 3px solid var(--line); color: var(--quiet);
  font-size: 16px; list-style: none; max-width: 44em; }
.sr { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
section { padding: 56px 0 0; }
section:last-child { padding-bottom: 90px; }
#letter { padding-top: 36px; }
.inbox { display: grid; grid-template-columns: 40px minmax(110px, 190px) 1fr auto; gap: 14px; align-items: center;
  background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 13px 20px; font-size: 15px;
  color: var(--ink); }
.inbox .sign { width: 38px; height: 38px; border-radius: 50%; background: var(--sign); color: var(--on-sign);
  display: grid; place-items: center; font-size: 17px; }
.inbox .who { font-weight: 600; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.inbox .line { font-size: 15px; color: var(--ink); white-space: nowrap; overflow: hidden; text-overflow: ellipsis;
  min-width: 0; }
.inbox .pre { color: var(--quiet); } .inbox .pre::before { content: " — "; }
.choices { display: flex; flex-wrap: wrap; gap: 10px 34px; margin: 28px 0 18px; }
.choices fieldset { border: 0; margin: 0; padding: 0; display: flex; align-items: center; gap: 2px; }
.choices legend { float: left; padding: 0 10px 0 0; }
.choices input { position: absolute; opacity: 0; }
.choices label { padding: 6px 13px; border-radius: 99px; cursor: pointer; }
.choices input:checked + label { background: var(--ink); color: var(--paper); }
.choices input:focus-visible + label { outline: 2px solid var(--accent); outline-offset: 2px; }
.frames { display: flex; gap: 26px; align-items: flex-start; justify-content: space-between; --tall: 760px; }
figure { margin: 0; }
figcaption { display: flex; justify-content: space-between; gap: 12px; padding: 0 2px 8px; }
.glass { --scale: 1; border: 1px solid var(--line); background: var(--glass); overflow: hidden; border-radius: 12px;
  width: calc(var(--wide) * var(--scale)); height: var(--tall); }
.glass iframe { border: 0; display: block; width: var(--wide); height: calc(var(--tall) / var(--scale));
  transform: scale(var(--scale)); transform-origin: 0 0; background: #fff; color-scheme: light; }
.frame.phone .glass { --wide: 375px; border-radius: 26px; border-width: 7px; border-color: var(--ink);
  box-sizing: content-box; }
.frame.tablet .glass { --wide: 768px; border-radius: 18px; }
.frame.desktop .glass { --wide: 1280px; border-radius: 10px; }
.frames.n3 .phone .glass { --scale: .72; } .frames.n3 .tablet .glass { --scale: .50; }
.frames.n3 .desktop .glass { --scale: .37; }
.frames.n1 { justify-content: center; } .frames.n1 .desktop .glass { --scale: .9; }
#letter:has(#light-dark:checked) .glass iframe { color-scheme: dark; background: #121212; }
#letter .plain { display: none; }
#letter:has(#as-text:checked) .frames { display: none; }
#letter:has(#as-text:checked) .plain { display: block; }
.plain { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 28px 34px; margin: 0;
  font: 15px/1.65 var(--mono); white-space: pre-wrap; overflow-wrap: anywhere; max-width: 54em; }
.size { margin: 18px 0 0; }
table { border-collapse: collapse; width: 100%; margin-top: 26px; }
th { text-align: left; font-weight: 500; padding: 6px 16px 6px 0; border-bottom: 1px solid var(--line); }
td { padding: 8px 16px 8px 0; border-bottom: 1px solid var(--line); vertical-align: baseline; font-size: 16px; }
td.line { width: 4em; }
code { font: 14px/1.5 var(--mono); overflow-wrap: anywhere; }
td a { font-family: var(--sans); font-size: 13px; text-decoration: none; background: var(--soft); padding: 2px 9px;
  border-radius: 99px; }
td a:hover { background: var(--line); }
.unseen { color: var(--warning); }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(540px, 1fr)); gap: 52px 46px;
  margin-top: 34px; }
.card { border-top: 1px solid var(--ink); padding-top: 16px; scroll-margin-top: 20px; min-width: 0; }
.card:target { border-top-width: 3px; padding-top: 14px; }
.card .head { display: flex; gap: 14px; align-items: baseline; }
.card .count { font-size: 28px; line-height: 1; color: var(--accent); min-width: 1.1em; }
.card .subject { margin: 10px 0 0; color: var(--quiet); font-size: 16px; font-style: italic; }
.shots { display: flex; gap: 16px; margin-top: 16px; align-items: flex-start; }
.shot .cut { max-height: 620px; overflow: auto; border: 1px solid var(--line); border-radius: 8px; }
.shot img { display: block; width: 100%; }
.shot { flex: 375 1 0; min-width: 0; } .shot.desktop { flex: 560 1 0; } .shot figcaption { padding-bottom: 5px; }
.card iframe { border: 1px solid var(--line); border-radius: 8px; width: 100%; height: 520px; background: #fff; }
.none-made { color: var(--warning); font-size: 16px; }
@media (max-width: 1279px) {
  .frames.n3 { display: grid; grid-template-columns: auto 1fr; --tall: 620px; }
  .frames.n3 .phone .glass { --scale: .62; } .frames.n3 .tablet .glass { --scale: .5; }
  .frames.n3 .desktop { grid-column: 1 / -1; } .frames.n3 .desktop .glass { --scale: .5; }
}
@media (max-width: 720px) {
  main, header { padding: 0 20px; } header { padding-top: 40px; }
  .frames.n3, .frames.n1 { display: block; } .frame + .frame { margin-top: 26px; }
  .frames .phone .glass { --scale: .84 !important; } .frames .tablet .glass { --scale: .42 !important; }
  .frames .desktop .glass { --scale: .25 !important; } .frames { --tall: 560px; }
  .inbox { grid-template-columns: 40px 1fr auto; } .inbox .line { grid-column: 1 / -1; white-space: normal; }
  .cards { grid-template-columns: 1fr; }
  td { font-size: 15px; } .lede { font-size: 18px; }
}
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
@media print { .choices { display: none; } }
"""
