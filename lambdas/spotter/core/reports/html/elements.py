"""HTML as a tree of elements: whatever is put in is text, whatever comes out is escaped."""

from collections.abc import Iterable
from typing import Any
from unicodedata import category
from xml.etree import ElementTree

Element = ElementTree.Element
Child = Element | str | None
UNESCAPED = ("style", "script")


def el(tag: str, /, *children: Child | Iterable[Child], **attributes: Any) -> Element:
    """An element; `class_` and `data_start` are spelled `class` and `data-start`.

    An attribute that is None is left out; a child that is None is, too. HTML knows no escapes
    within style and script, so markup there is a ValueError.
    """
    named = {k.rstrip("_").replace("_", "-"): v for k, v in attributes.items() if v is not None}
    made = Element(tag, {name: legible(str(value)) for name, value in named.items()})
    for child in children:
        for one in [child] if child is None or isinstance(child, str | Element) else child:
            _append(made, one)
    if tag in UNESCAPED and "<" in (made.text or ""):
        raise ValueError(f"{tag} holds no markup")
    return made


def _append(parent: Element, child: Child) -> None:
    if isinstance(child, Element):
        parent.append(child)
    elif child is not None:
        if len(parent):
            parent[-1].tail = (parent[-1].tail or "") + legible(child)
        else:
            parent.text = (parent.text or "") + legible(child)


def legible(text: str) -> str:
    """Without what a page cannot hold or would turn around: controls, surrogates, bidi marks."""
    if text.replace("\n", "").isprintable():  # as most texts are
        return text
    return "".join(c if c.isprintable() or c == "\n" else _instead(c) for c in text)


def _instead(unprintable: str) -> str:
    """A space of another width is a space."""
    return " " if category(unprintable) == "Zs" else "\N{REPLACEMENT CHARACTER}"


def html(element: Element) -> str:
    """The element as HTML."""
    return ElementTree.tostring(element, encoding="unicode", method="html")
