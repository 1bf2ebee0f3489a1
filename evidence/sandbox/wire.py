"""JSON with amounts as bare numbers, to the digit: 189.00 never passes through a float."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from starlette.responses import JSONResponse


class ExactJSON(JSONResponse):
    def render(self, content: Any) -> bytes:
        return _written(content).encode()


def _written(content: Any) -> str:
    match content:
        case Decimal():
            return f"{content:f}"
        case dict():
            return "{" + ",".join(f"{json.dumps(str(name))}:{_written(each)}" for name, each in content.items()) + "}"
        case list() | tuple():
            return "[" + ",".join(map(_written, content)) + "]"
    return json.dumps(content, ensure_ascii=False, allow_nan=False)
