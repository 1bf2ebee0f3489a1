"""The demo's pictures and papers, made when the shop is laid out, so that the dates on them fit."""

from __future__ import annotations

import io
import json
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import pypdfium2
from jinja2 import Environment, FunctionLoader, StrictUndefined
from weasyprint import HTML
from weasyprint.text.fonts import FontConfiguration

from web.demo import drawings
from web.demo.tokens import render


def lay_documents(folder: Path, now: datetime) -> None:
    """documents/<order>/<item>__<title>.<type>, with a note beside those that carry a date, caption or source."""
    origin = files("web.demo") / "shop"
    listed = json.loads(render((origin / "documents.json").read_text(encoding="utf-8"), now))
    papers = _Papers()
    for entry in listed:
        target = folder / entry["file"]
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(_drawn(papers, entry["draw"], entry["words"], target.suffix, target.stem.partition("__")[2]))
        beside = {name: entry[name] for name in ("dated", "caption", "source") if name in entry}
        if beside:
            target.with_suffix(".json").write_text(
                json.dumps(beside, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
            )


def _drawn(papers: _Papers, kind: str, words: dict[str, Any], suffix: str, title: str) -> bytes:
    if kind == "broken":
        return drawings.broken(words["band"])
    if suffix == ".jpg":
        return drawings.photo(kind, words["band"], words.get("door", ""))
    pdf = papers.pdf(kind, {"lang": "en", "title": title} | words)
    return pdf if suffix == ".pdf" else _screenshot(pdf)


class _Papers:
    def __init__(self) -> None:
        folder = files("web.demo") / "shop" / "papers"
        self._fonts = FontConfiguration()
        self._pages = Environment(
            loader=FunctionLoader(lambda name: (folder / name).read_text(encoding="utf-8")),
            autoescape=True,
            undefined=StrictUndefined,
        )

    def pdf(self, kind: str, words: dict[str, Any]) -> bytes:
        page = self._pages.get_template(f"{kind}.html").render(words)
        made = HTML(string=page, url_fetcher=_nothing).write_pdf(font_config=self._fonts)
        assert isinstance(made, bytes)
        return made


def _nothing(url: str) -> dict[str, Any]:
    raise ValueError(f"the demo's papers load nothing: {url}")


def _screenshot(pdf: bytes) -> bytes:
    """The first page as a browser's screenshot would be: a PNG of few colours."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        picture = document[0].render(scale=1.6).to_pil().convert("RGB").quantize(64)
    finally:
        document.close()
    out = io.BytesIO()
    picture.save(out, "PNG", optimize=True)
    return out.getvalue()
