"""Laid-out pages get their contents: pictures and foreign pages into the boxes; all that is not page goes."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import ExitStack
from hashlib import md5
from typing import Protocol, cast

import pikepdf
from pikepdf import Array, Dictionary, Name

from disputes.phrases import phrase
from evidence.packet import paper
from evidence.packet.context import PacketContext
from evidence.packet.errors import RenderFailed
from evidence.packet.images import Encoded
from evidence.packet.layout import Layout
from evidence.packet.sources import letter_of
from evidence.packet.view import Box


class Encoder(Protocol):
    """How pictures are scaled for one rung of the ladder."""

    def picture(self, box: Box) -> Encoded: ...

    def document(self, box: Box, form: pikepdf.Object) -> None: ...


Bookmark = tuple[str, int]
"""Title and page, from 1."""


def assemble(layout: Layout, context: PacketContext, encoder: Encoder) -> bytes:
    with ExitStack() as stack:
        pdf = stack.enter_context(pikepdf.open(io.BytesIO(layout.pdf)))
        foreign: dict[int, pikepdf.Pdf] = {}
        places = _places(pdf)
        for box in layout.boxes:
            content = _content(pdf, box, encoder, foreign, stack)
            _put(places, box, content)
        for key in ("/Names", "/Dests", "/Metadata", "/OpenAction", "/AA", "/AcroForm", "/Outlines"):
            if key in pdf.Root:
                del pdf.Root[key]
        for page in pdf.pages:
            paper.strip_page(page)
        return finish(pdf, f"Response to dispute {context.case_id}", bookmarks(layout, context))


def bookmarks(layout: Layout, context: PacketContext) -> list[Bookmark]:
    marks: list[Bookmark] = [("Decision page", 1), ("Letter and exhibit index", 2)]
    for index, exhibit in enumerate(context.exhibits):
        marks.append((f"Exhibit {letter_of(index)} · {exhibit.title}", layout.starts[exhibit.key]))
    return marks


def finish(pdf: pikepdf.Pdf, title: str, marks: list[Bookmark]) -> bytes:
    """Bookmarks, title, language; the same bytes for the same content."""
    with pdf.open_outline() as outline:
        outline.root.extend(pikepdf.OutlineItem(text, page - 1) for text, page in marks)
    pdf.Root[Name.Lang] = pikepdf.String("en")
    pdf.Root[Name.PageMode] = Name.UseOutlines
    del pdf.docinfo
    pdf.docinfo[Name.Title] = pikepdf.String(title)
    out = io.BytesIO()
    pdf.save(
        out,
        deterministic_id=True,
        object_stream_mode=pikepdf.ObjectStreamMode.generate,
        force_version="1.6",
        compress_streams=True,
    )
    return out.getvalue()


def _places(pdf: pikepdf.Pdf) -> dict[str, Dictionary]:
    """Name of each picture to the resources that hold it; the renderer shares one dictionary between pages."""
    return {str(name): holder for holder in _holders(pdf) for name in holder.keys()}  # noqa: SIM118 - a PDF object


def _holders(pdf: pikepdf.Pdf) -> Iterator[Dictionary]:
    seen: set[tuple[int, int]] = set()
    for page in pdf.pages:
        resources = page.obj.get(Name.Resources, Dictionary())
        held = resources.get(Name.XObject)
        if isinstance(held, Dictionary) and resources.objgen not in seen:
            seen.add(resources.objgen)
            yield held


def _put(places: dict[str, Dictionary], box: Box, content: pikepdf.Object) -> None:
    # The renderer names a picture after the MD5 of its address; a test fails when a new version does otherwise.
    stem = "/i" + md5(box.url.encode(), usedforsecurity=False).hexdigest()
    names = [name for name in places if name.startswith(stem)]
    if len(names) != 1:
        raise RenderFailed([phrase("The place of {alt} was not found on the paper.", alt=box.alt)])
    places[names[0]][names[0]] = content


def _content(
    pdf: pikepdf.Pdf, box: Box, encoder: Encoder, foreign: dict[int, pikepdf.Pdf], stack: ExitStack
) -> pikepdf.Object:
    if box.piece.picture is not None:
        return pdf.make_indirect(paper.image_stream(pdf, encoder.picture(box)))
    source = foreign.get(id(box.piece.pdf))
    if source is None:
        source = foreign[id(box.piece.pdf)] = stack.enter_context(pikepdf.open(io.BytesIO(box.piece.pdf)))
    form = _unit_form(pdf, source.pages[box.piece.page])
    encoder.document(box, form)
    return form


def _unit_form(pdf: pikepdf.Pdf, page: pikepdf.Page) -> pikepdf.Object:
    """The page as a form drawn into the unit square, which is where the renderer draws a picture."""
    form = pdf.copy_foreign(page.as_form_xobject())
    matrix = pikepdf.Matrix(form.get(Name.Matrix, Array([1, 0, 0, 1, 0, 0])))
    seen = matrix.transform(pikepdf.Rectangle(cast("Array", form[Name.BBox])))
    to_corner = pikepdf.Matrix().translated(-seen.llx, -seen.lly)
    to_unit = pikepdf.Matrix().scaled(1 / seen.width, 1 / seen.height)
    form[Name.Matrix] = (matrix @ to_corner @ to_unit).as_array()
    for key in ("/Metadata", "/PieceInfo", "/StructParent", "/StructParents", "/LastModified"):
        if key in form:
            del form[key]
    return form
