"""How pictures look, in light and in dark, on a phone and on paper."""

LIGHT = """--ground:#ffffff;--ink:#16191f;--muted:#545b64;--line:#aab7b8;--training:#0972d3;
--working:#687078;--waiting:#b35c00;--lost:#d91515;--interrupted:#16191f;"""
DARK = """--ground:#0f1b2a;--ink:#e9ebed;--muted:#b6bec9;--line:#5f6b7a;--training:#539fe5;
--working:#9ba7b6;--waiting:#e59f3c;--lost:#ff8080;--interrupted:#ffffff;"""
BODY = """
.spotter{color:var(--ink);background:var(--ground);font:14px/1.5 system-ui,sans-serif;
overflow-wrap:anywhere}
.spotter h1{font-size:1.5em;margin:.2em 0}.spotter h2{font-size:1.2em;margin:1.5em 0 .4em}
.spotter figure{margin:0 0 1.5em;break-inside:avoid}.spotter p{margin:.3em 0}
.spotter .attempt,.spotter .legend,.spotter footer{color:var(--muted);font-size:.9em}
.spotter .legend span{display:inline-block;margin-right:1em;white-space:nowrap}
.spotter svg{display:block;overflow:hidden}.spotter .legend svg{display:inline-block;vertical-align:middle}
.spotter .bar,.spotter .day{border-bottom:1px solid var(--line)}
.spotter .axis{overflow:visible}
.spotter .training{fill:var(--training)}.spotter .working{fill:var(--working)}
.spotter .waiting{fill:var(--waiting)}.spotter .lost{fill:var(--lost);stroke:var(--ground)}
.spotter .interrupted{stroke:var(--interrupted);stroke-width:1.5}
.spotter .tick{stroke:var(--line)}.spotter .label{fill:var(--muted);font-size:11px}
.spotter .rate0{fill:var(--line)}.spotter .rate1{fill:var(--training)}
.spotter .rate2{fill:var(--training)}.spotter .rate3{fill:var(--waiting)}
.spotter .rate4{fill:var(--lost)}
.spotter .thin{fill:none;stroke:var(--muted)}
.spotter table{border-collapse:collapse;width:100%;margin:.5em 0 1.5em;font-variant-numeric:tabular-nums}
.spotter caption{text-align:left;font-weight:bold;padding:.3em 0}
.spotter th,.spotter td{text-align:left;padding:.2em .6em .2em 0;border-bottom:1px solid var(--line);
font-weight:normal;vertical-align:top}
.spotter thead th{color:var(--muted)}
.spotter a{color:var(--training)}
@media (max-width:700px){.spotter thead{position:absolute;clip-path:inset(50%);height:1px;overflow:hidden}
.spotter table,.spotter tbody,.spotter tr,.spotter th,.spotter td,.spotter caption{display:block}
.spotter tbody th{font-weight:bold}
.spotter tr{border-bottom:1px solid var(--line);padding:.3em 0}
.spotter tbody th,.spotter td{border:0;padding:0}
.spotter td::before{content:attr(data-label) ": ";color:var(--muted)}}
@media print{.spotter{font-size:11px}.spotter rect{print-color-adjust:exact}}
"""


def page_style() -> str:
    """For a page of its own: it follows what the reader's system prefers."""
    dark = f"@media (prefers-color-scheme:dark){{.spotter{{{DARK}}}}}"
    page = "html{color-scheme:light dark}body{margin:0}main{max-width:70em;margin:auto;padding:1em}"
    paper = f"@media print{{.spotter{{{LIGHT}}}}}"
    return f"{page}.spotter{{{LIGHT}}}{dark}{BODY}{paper}"


def widget_style(theme: str) -> str:
    """For a place in a dashboard, which says `light` or `dark`."""
    return f".spotter{{{DARK if theme == 'dark' else LIGHT}}}{BODY}"
