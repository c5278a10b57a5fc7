"""Reads what the builder must know of an ELF file: needed libraries, soname, undefined symbols, debug weight.

Only little-endian 64-bit files are understood, which is all that a Linux x86-64 runtime may hold; anything
else is reported as "not ELF". Nothing here needs binutils.
"""

from __future__ import annotations

import mmap
import struct
from dataclasses import dataclass
from pathlib import Path

PT_LOAD, PT_DYNAMIC = 1, 2
DT_NULL, DT_NEEDED, DT_STRTAB, DT_SONAME = 0, 1, 5, 14
SHT_SYMTAB, SHT_DYNSYM = 2, 11
SYMBOL_BYTES = 24
HEADER_BYTES = 64


@dataclass(frozen=True)
class Segment:
    """One program header: where its bytes lie in the file and in memory."""

    kind: int
    offset: int
    address: int
    file_bytes: int


@dataclass(frozen=True)
class Section:
    """One section header, as far as it is used here."""

    name: str
    kind: int
    offset: int
    size: int
    link: int


def is_elf(path: Path) -> bool:
    """True for a 64-bit little-endian ELF file."""
    with path.open("rb") as file:
        return file.read(6) == b"\x7fELF\x02\x01"


class Elf:
    """One ELF file, mapped into memory."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with path.open("rb") as file:
            self.data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)

    def segments(self) -> list[Segment]:
        """All program headers."""
        (start,) = struct.unpack_from("<Q", self.data, 32)
        size, count = struct.unpack_from("<HH", self.data, 54)
        found = []
        for index in range(count):
            kind, _, offset, address, _, length = struct.unpack_from(
                "<IIQQQQ", self.data, start + index * size
            )
            found.append(Segment(kind, offset, address, length))
        return found

    def sections(self) -> list[Section]:
        """All section headers; empty when the file has been stripped of them."""
        (start,) = struct.unpack_from("<Q", self.data, 40)
        size, count, names = struct.unpack_from("<HHH", self.data, 58)
        if start == 0 or count == 0:
            return []
        raw = [struct.unpack_from("<IIQQQQI", self.data, start + index * size) for index in range(count)]
        names_at = raw[names][4]
        return [Section(self._text(names_at + r[0]), r[1], r[4], r[5], r[6]) for r in raw]

    def dynamic(self) -> list[tuple[int, int]]:
        """The entries of the dynamic section; empty for a static program."""
        for segment in self.segments():
            if segment.kind == PT_DYNAMIC:
                entries = struct.iter_unpack("<QQ", self._slice(segment.offset, segment.file_bytes))
                found = []
                for tag, value in entries:
                    if tag == DT_NULL:
                        break
                    found.append((tag, value))
                return found
        return []

    def needed(self) -> list[str]:
        """The sonames that the dynamic linker must find for this file."""
        return self._dynamic_strings(DT_NEEDED)

    def soname(self) -> str | None:
        """The name under which other files ask for this one."""
        names = self._dynamic_strings(DT_SONAME)
        return names[0] if names else None

    def undefined(self) -> set[str]:
        """Names of the functions and data that this file expects from others."""
        found: set[str] = set()
        sections = self.sections()
        for section in sections:
            if section.kind != SHT_DYNSYM:
                continue
            strings_at = sections[section.link].offset
            table = self._slice(section.offset, section.size - section.size % SYMBOL_BYTES)
            for name, _, _, defined_in, _, _ in struct.iter_unpack("<IBBHQQ", table):
                if name and defined_in == 0:
                    found.add(self._text(strings_at + name))
        return found

    def carries_debug_weight(self) -> bool:
        """True when it holds symbols or debug data that no loader ever reads."""
        return any(s.kind == SHT_SYMTAB or s.name.startswith(".debug_") for s in self.sections())

    def without_debug_weight(self) -> bytes:
        """The same program with everything outside its segments zeroed or cut off, section headers included.

        The dynamic linker goes by program headers alone, so this is safe even for files that a wheel-repair
        tool has rearranged, on which `strip` is known to fail.
        """
        loaded = [(s.offset, s.offset + s.file_bytes) for s in self.segments()]
        (table,) = struct.unpack_from("<Q", self.data, 32)
        size, count = struct.unpack_from("<HH", self.data, 54)
        loaded += [(0, HEADER_BYTES), (table, table + size * count)]
        end = max(stop for _, stop in loaded)
        slim = bytearray(end)
        for start, stop in loaded:
            slim[start:stop] = self.data[start:stop]
        struct.pack_into("<Q", slim, 40, 0)
        struct.pack_into("<HHH", slim, 58, 0, 0, 0)
        return bytes(slim)

    def _dynamic_strings(self, wanted: int) -> list[str]:
        entries = self.dynamic()
        strings = [self._offset_of(value) for tag, value in entries if tag == DT_STRTAB]
        return [self._text(strings[0] + value) for tag, value in entries if tag == wanted]

    def _offset_of(self, address: int) -> int:
        for segment in self.segments():
            if segment.kind == PT_LOAD and segment.address <= address < segment.address + segment.file_bytes:
                return address - segment.address + segment.offset
        raise ValueError(f"`{self.path}` points outside its own segments")

    def _slice(self, offset: int, size: int) -> bytes:
        return self.data[offset : offset + size]

    def _text(self, offset: int) -> str:
        return self.data[offset : self.data.find(b"\0", offset)].decode("utf-8", "replace")
