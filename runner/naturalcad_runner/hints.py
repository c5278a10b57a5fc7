"""What to do about errors that are met again and again: names of older build123d releases, names of other
libraries, and the kernel's own exceptions, which often say nothing at all.

A table, tried from the top; the first entry whose pattern is found in "Type: message" gives the hint. Each
entry was checked against build123d 0.13.
"""

from __future__ import annotations

import re

_OTHER_LIBRARY = (
    "Programs are written with build123d: `from build123d import *`, and the part goes into `result`"
)

HINTS: tuple[tuple[str, str], ...] = (
    (r"No module named '(cadquery|cq|solid2?|openscad|FreeCAD|Part)\b", _OTHER_LIBRARY),
    (r"name '(cq|cadquery|Workplane)' is not defined", _OTHER_LIBRARY),
    (
        r"No module named|is not part of this runtime",
        "Only Python's library, build123d, bd_warehouse and py_gearworks are here",
    ),
    (r"has no attribute 'to_tuple'", "Write `tuple(v)` instead of `v.to_tuple()`"),
    (
        r"'bool' object is not callable",
        "`is_valid`, `is_null` and `is_manifold` are properties: leave out the brackets",
    ),
    (
        r"has no attribute 'xlen'|has no attribute 'ylen'|has no attribute 'zlen'",
        "Sizes are `bounding_box().size.X`, `.Y`, `.Z`",
    ),
    (
        r"has no attribute 'export_(stl|step|brep|gltf)'",
        "Nothing needs to be exported: leave the part in `result`",
    ),
    (r"has no attribute '(make_compound)'", "Write `Compound(children=[...])`"),
    (
        r"has no attribute '(extrude|shell|cut|union|hole|rect|circle|faces|edges|workplane)'.*Workplane",
        _OTHER_LIBRARY,
    ),
    (
        r"'(BuildPart|BuildSketch|BuildLine)' object",
        "A builder is not a shape: use its `.part`, `.sketch` or `.line`",
    ),
    (
        r"(BuildPart|BuildSketch|BuildLine)'? (object )?(is|has) no",
        "A builder is not a shape: use its `.part`, `.sketch` or `.line`",
    ),
    (
        r"No depth provided",
        "Outside `with BuildPart()` a hole has no depth of its own: subtract a `Cylinder` or give `depth=`",
    ),
    (
        r"unexpected keyword argument 'diameter'",
        "Cylinders, circles and holes take `radius=`, half the diameter",
    ),
    (r"name 'offset_3d' is not defined", "Write `offset(part, amount=-t, openings=face)`"),
    (r"name '(shell|hollow)' is not defined", "Write `offset(part, amount=-t, openings=face)`"),
    (r"Failed creating a fillet|[Ff]illet", "Try a smaller radius, or round fewer edges at once"),
    (r"Failed creating a chamfer|[Cc]hamfer", "Try a smaller length, or cut fewer edges at once"),
    (r"offset Error", "Try a thinner wall: it must be less than the radii of the rounded edges it meets"),
    (r"RecursionError", "A function calls itself without an end"),
    (r"ZeroDivisionError", "A count or size is zero where something is divided by it"),
)

_PATTERNS = tuple((re.compile(pattern), hint) for pattern, hint in HINTS)


def hint_for(kind: str, message: str | None) -> str | None:
    text = f"{kind}: {message or ''}"
    return next((hint for pattern, hint in _PATTERNS if pattern.search(text)), None)


KERNEL_HINT = (
    "Check that no size is zero or negative, that profiles are closed, "
    "and that nothing is larger than what it is cut from"
)

_KERNEL_REASONS = {
    "Standard_DomainError": "refused the arguments of",
    "Standard_ConstructionError": "refused the arguments of",
    "Standard_RangeError": "refused the arguments of",
    "Standard_OutOfRange": "refused the arguments of",
    "Standard_NullObject": "was given an empty shape by",
    "StdFail_NotDone": "could not do",
    "Standard_NoSuchObject": "did not find what it needed for",
    "gp_VectorWithNullMagnitude": "was given a direction without length by",
}


def is_kernel_error(error: BaseException) -> bool:
    return type(error).__module__.startswith("OCP")


def kernel_message(kind: str, message: str, call: str | None) -> str:
    """A sentence for an exception of the geometry kernel, which says the message only when there is one."""
    reason = _KERNEL_REASONS.get(kind, "failed at")
    told = f"The geometry kernel {reason} {f'`{call}`' if call else 'this line'}"
    return f"{told} ({message})" if message else told
