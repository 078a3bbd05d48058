"""How pictures look, in light and in dark, in a narrow place, in a wide one, and on paper.

What is narrow is the place that holds the pictures and not the window, for a widget is a small part
of a dashboard (https://developer.mozilla.org/en-US/docs/Web/CSS/Guides/Containment/Container_queries).
"""

LIGHT = """--ground:#ffffff;--card:#f7f9fa;--ink:#16191f;--muted:#545b64;--line:#d5dbdb;
--training:#0972d3;--working:#8d99a8;--waiting:#c77700;--lost:#d91515;--interrupted:#16191f;"""
DARK = """--ground:#0f1b2a;--card:#172434;--ink:#e9ebed;--muted:#b6bec9;--line:#3b4858;
--training:#539fe5;--working:#8593a5;--waiting:#e59f3c;--lost:#ff8080;--interrupted:#ffffff;"""
BODY = """
.spotter{container-type:inline-size;color:var(--ink);background:var(--ground);
font:14px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
.spotter h1{font-size:1.5em;line-height:1.25;margin:.2em 0}
.spotter h2{font-size:1.2em;margin:2em 0 .5em;break-after:avoid}
.spotter p{margin:.3em 0}.spotter a{color:var(--training)}
.spotter .attempt,.spotter .legend,.spotter .words,.spotter footer{color:var(--muted);font-size:.9em}
.spotter .prose{max-width:60em}.spotter footer{margin-top:2.5em}
.spotter .tiles{display:flex;flex-wrap:wrap;gap:.75em;margin:.5em 0 1.25em}
.spotter .tiles>div{flex:1 1 9em;background:var(--card);border:1px solid var(--line);
border-radius:6px;padding:.5em .9em}
.spotter .tiles dt{color:var(--muted);font-size:.9em}.spotter .tiles dd{margin:0}
.spotter .tiles .count{font-size:1.7em;line-height:1.3}
.spotter figure{margin:1em 0;padding:.6em .9em .5em;background:var(--card);
border:1px solid var(--line);border-radius:6px;break-inside:avoid}
.spotter figcaption .words{margin-left:.5em}
.spotter .legend span{display:inline-block;margin-right:1.25em;white-space:nowrap}
.spotter svg{display:block;overflow:hidden}
.spotter .legend svg{display:inline-block;vertical-align:middle;margin-right:.35em}
.spotter .bar,.spotter .day{border-bottom:1px solid var(--line)}
.spotter .axis{overflow:visible}.spotter .many{display:none}
.spotter .training{fill:var(--training)}.spotter .working{fill:var(--working)}
.spotter .waiting{fill:var(--waiting)}.spotter .lost{fill:var(--lost);stroke:var(--card)}
.spotter .interrupted{stroke:var(--interrupted);stroke-width:1.5}
.spotter .crowded .interrupted{stroke-width:.5;stroke-opacity:.5}.spotter .crowded .lost{stroke:none}
.spotter .tick{stroke:var(--line)}.spotter .label{fill:var(--muted);font-size:11px}
.spotter .rate0{fill:var(--working)}.spotter .rate1,.spotter .rate2,.spotter .rate3,
.spotter .rate4{fill:var(--lost)}
.spotter .rate1{fill-opacity:.4}.spotter .rate2{fill-opacity:.6}.spotter .rate3{fill-opacity:.8}
.spotter .thin{fill:none;stroke:var(--muted);stroke-dasharray:2 2}
.spotter .rate0.thin{fill:var(--line);stroke:none}
.spotter table,.spotter caption,.spotter th,.spotter td{color:inherit;font-size:inherit}
.spotter table{border-collapse:collapse;width:100%;margin:.5em 0 1.5em;
font-variant-numeric:tabular-nums}
.spotter caption{text-align:left;font-weight:bold;padding:.3em 0}
.spotter th,.spotter td{text-align:left;padding:.3em 0 .3em 1.25em;font-weight:normal;
border-bottom:1px solid var(--line);vertical-align:top}
.spotter th:first-child{padding-left:0}.spotter tr{break-inside:avoid}
.spotter thead th{color:var(--muted);font-size:.9em;vertical-align:bottom}
.spotter td,.spotter thead th{overflow-wrap:break-word}.spotter .whole{white-space:nowrap}
.spotter .figure{text-align:right;white-space:nowrap}
@container (min-width:840px){.spotter .few{display:none}.spotter .many{display:block}}
@media print{.spotter{font-size:11px}.spotter rect,.spotter line{print-color-adjust:exact}}
"""

FOLDED = """
.spotter thead{position:absolute;clip-path:inset(50%);height:1px;overflow:hidden}
.spotter table,.spotter tbody,.spotter tr,.spotter th,.spotter caption{display:block}
.spotter tr{border-bottom:1px solid var(--line);padding:.4em 0}
.spotter tbody th{font-weight:bold}.spotter tbody th,.spotter td{border:0;padding:0}
.spotter td,.spotter td.figure{display:flex;justify-content:space-between;gap:1em;text-align:right;
white-space:normal}
.spotter td::before{content:attr(data-label);color:var(--muted);text-align:left;flex:none}
"""
"""Tables as lines, a line a cell."""
NARROW = f"""@container (max-width:639px){{{FOLDED}.spotter figcaption .words{{display:block;margin:0}}}}
@container (max-width:959px){{{FOLDED.replace(".spotter ", ".spotter .wide ")}}}"""
"""What folds them: a narrow place, and for tables of many columns one that is not wide."""

CLICKS = """
.spotter .btn,.spotter .job{color:var(--training);cursor:pointer;text-decoration:underline}
.spotter .btn{display:inline-block;border:1px solid var(--line);border-radius:4px;padding:0 .7em;
margin:0 .5em .3em 0;text-decoration:none}
.spotter .btn:hover,.spotter .job:hover{color:var(--ink)}
.spotter input{font:inherit;color:var(--ink);background:var(--ground);border:1px solid var(--line);
border-radius:4px;padding:0 .4em;margin-bottom:.3em;max-width:100%;box-sizing:border-box}
.spotter form{margin:.6em 0}
"""
"""What leads on, which only a widget has."""


def page_style() -> str:
    """For a page of its own: it follows what the reader's system prefers, and paper is light."""
    dark = f"@media (prefers-color-scheme:dark){{:root{{{DARK}}}}}"
    page = (
        "html{color-scheme:light dark;background:var(--ground)}body{margin:0}"
        "main{max-width:76em;margin:auto;padding:1em}"
    )
    paper = f"@media print{{:root{{color-scheme:light;{LIGHT}}}main{{max-width:none;padding:0}}}}"
    return f":root{{{LIGHT}}}{dark}{page}{BODY}{NARROW}{paper}"


def notebook_style() -> str:
    """For a picture within a page of somebody else: nothing outside of it is touched."""
    dark = f"@media (prefers-color-scheme:dark){{.spotter{{{DARK}}}}}"
    return f".spotter{{{LIGHT}}}{dark}{BODY}{NARROW}"


def widget_style(theme: str) -> str:
    """For a widget in a dashboard, whose theme is `light` or `dark`."""
    return f".spotter{{{DARK if theme == 'dark' else LIGHT}}}{BODY}{NARROW}{CLICKS}"
