"""Files of back issues, as their makers would write them."""

from curator.issues.back.values import File

MARKDOWN = """\
---
title: "Latent Letters: ice and memory"
date: 2023-11-03
---
# Latent Letters 41

Good morning, it is cold.

## Recommendations

- [A fast sieve](https://www.sieve.example/fast/?utm_source=letters) - it counts *twice*, as [they say](https://b.example/say).
- **[Ice cores](http://ice.example/cores)**: drilled by hand.
- https://bare.example/path A bare one: said of it

### [A heading that links](https://heading.example/)

What is said below it.

### Named by its heading

Said of it before the link. [Read more](https://more.example/a)

## Odds and ends

[One thing](https://a.example/1), [another thing](https://a.example/2) and [a last one](javascript:alert(1))

[Unsubscribe](https://mail.example/unsubscribe?id=7)
"""

HTML = """\
<!doctype html><html><head><title>Latent Letters - Issue 7</title><style>a{color:red}</style></head><body>
<p>May 3, 2021</p>
<table><tr><td><b>Recommendations</b></td></tr>
<tr><td><a href="https://a.example/1?fbclid=3">One thing</a><br>Words of it.</td></tr>
<tr><td><h3><a href='https://two.example/b'>Two things</a></h3><p>Words of <i>both</i>.</p></td></tr></table>
<script>alert("https://no.example")</script><a href="https://x.example/out">Unsubscribe</a></body></html>
"""

ADDRESSES = """\
# Issue 3, 2020-01-05
Recommendations:
https://a.example/1
https://a.example/3 The third
The fourth - https://a.example/4
https://a.example/5\tThe fifth\tsaid of it
nothing here
# Issue 4, 2020-01-12
https://a.example/6
"""


def file(name: str, text: str) -> File:
    return File(name, text.encode())


def numbered(number: int, *addresses: str, day: int = 1) -> File:
    """A small issue of one section."""
    lines = [f"# Issue {number}, 2024-02-{day:02}", "", "## Recommendations", ""]
    return file(f"{number}.md", "\n".join([*lines, *(f"- [About {each}]({each}): said of it" for each in addresses)]))
