"""What went wrong in a program, told by its own lines: type, message, line, column, excerpt, hint. Never one
of our frames.
"""

from __future__ import annotations

import re
from itertools import islice
from types import TracebackType
from typing import Any

from .hints import KERNEL_HINT, hint_for, is_kernel_error, kernel_message

PROGRAM = "program.py"
EXCERPT_LINES_AROUND = 2
EXCERPT_CHARS_MAX = 400
MESSAGE_CHARS_MAX = 4_000


class NoPart(Exception):
    """The program ran, but what it left is no part; `kind` is the word the host shows as the type of the
    error.
    """

    def __init__(self, kind: str, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.kind = kind
        self.hint = hint


def describe(error: BaseException, source: str) -> dict[str, Any]:
    lines = source.splitlines()
    if isinstance(error, NoPart):
        return _told(error.kind, str(error), None, None, lines, error.hint)
    kind = type(error).__name__
    if isinstance(error, SyntaxError) and error.filename == PROGRAM:
        return _told(
            kind, error.msg or kind, error.lineno, error.offset or None, lines, hint_for(kind, error.msg)
        )
    line, column, call = _place(error.__traceback__, lines)
    message = _message_of(error)
    hint = hint_for(kind, message)
    if is_kernel_error(error):
        message, hint = kernel_message(kind, message, call), hint or KERNEL_HINT
    return _told(kind, message or kind, line, column, lines, hint)


def raised(kind: str, message: str, line: int | None, source: str, hint: str | None = None) -> dict[str, Any]:
    return _told(kind, message, line, None, source.splitlines(), hint)


def _told(
    kind: str, message: str, line: int | None, column: int | None, lines: list[str], hint: str | None
) -> dict[str, Any]:
    if len(message) > MESSAGE_CHARS_MAX:
        message = message[:MESSAGE_CHARS_MAX] + " ..."
    return {
        "type": kind,
        "message": message,
        "line": line,
        "column": column,
        "excerpt": _excerpt(lines, line),
        "hint": hint,
    }


def _excerpt(lines: list[str], line: int | None) -> list[dict[str, Any]]:
    if line is None:
        return []
    first = max(1, line - EXCERPT_LINES_AROUND)
    last = min(len(lines), line + EXCERPT_LINES_AROUND)
    return [{"line": at, "text": lines[at - 1][:EXCERPT_CHARS_MAX]} for at in range(first, last + 1)]


def _place(traceback: TracebackType | None, lines: list[str]) -> tuple[int | None, int | None, str | None]:
    """Line and column of the innermost frame that is the program's, and the name of what it calls there."""
    innermost = None
    while traceback is not None:
        if traceback.tb_frame.f_code.co_filename == PROGRAM:
            innermost = traceback
        traceback = traceback.tb_next
    if innermost is None:
        return None, None, None
    line = innermost.tb_lineno
    positions = innermost.tb_frame.f_code.co_positions()
    span = next(islice(positions, innermost.tb_lasti // 2, None), (None, None, None, None))
    if span[2] is None or span[0] is None or span[0] > len(lines):
        return line, None, None
    text = lines[span[0] - 1].encode()
    column = len(text[: span[2]].decode("utf-8", "replace"))
    called = re.match(r"[\w.]+(?=\s*\()", text[span[2] :].decode("utf-8", "replace"))
    return line, column + 1 if span[0] == line else None, called[0] if called else None


def _message_of(error: BaseException) -> str:
    try:
        if isinstance(error, KeyError) and len(error.args) == 1:
            return f"no such key: {error.args[0]!r}"
        if isinstance(error, SystemExit):
            code = "" if error.code is None else repr(error.code)
            return f"the program called exit({code}) before it left a `result`"
        return str(error).strip()
    except Exception:
        return ""
