"""HTML as a tree of elements: whatever is put in is text, whatever comes out is escaped."""

from collections.abc import Iterable
from typing import Any
from xml.etree import ElementTree

Element = ElementTree.Element
Child = Element | str | None


def el(tag: str, /, *children: Child | Iterable[Child], **attributes: Any) -> Element:
    """An element; `class_` and `data_start` are spelled `class` and `data-start`.

    An attribute that is None is left out; a child that is None is, too.
    """
    said = {k.rstrip("_").replace("_", "-"): v for k, v in attributes.items() if v is not None}
    made = Element(tag, {name: legible(str(value)) for name, value in said.items()})
    for child in children:
        for one in [child] if child is None or isinstance(child, str | Element) else child:
            _append(made, one)
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
    return "".join(c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in text)


def html(element: Element) -> str:
    """The element as HTML."""
    return ElementTree.tostring(element, encoding="unicode", method="html")
