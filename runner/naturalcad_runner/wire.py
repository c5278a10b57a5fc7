"""The messages between host, zygote and workers, as bytes. The host's half is `src/runner/protocol.rs`.

Two channels, both UTF-8 JSON objects:

* host and zygote: one message = one packet of a SOCK_SEQPACKET socket, at most `PACKET_BYTES_MAX`, with
  descriptors attached where the contract says so;
* host and worker: a stream of frames, each a 4-byte big-endian length and that many bytes, at most
  `FRAME_BYTES_MAX`.

Strict on purpose: anything that does not fit raises `WireError`, and the process that meets it ends.
"""

from __future__ import annotations

import array
import json
import os
import socket
import struct
from typing import Any

VERSION = 1
PACKET_BYTES_MAX = 64 << 10
FRAME_BYTES_MAX = 16 << 20
DESCRIPTORS_MAX = 8

# How zygote and workers end on their own. A worker that is killed or ended by its program has no code of
# ours.
EXIT_DONE = 0
EXIT_BROKEN_WIRE = 3
EXIT_CANNOT_ENTER = 4

Message = dict[str, Any]


class WireError(Exception):
    """The other side said something that the contract does not allow."""


def encode(message: Message) -> bytes:
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "backslashreplace")


def decode(data: bytes) -> Message:
    try:
        message = json.loads(data)
    except ValueError as error:
        raise WireError(f"not JSON: {error}") from None
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        raise WireError("a message is an object with a `type`")
    return message


def require_version(message: Message) -> None:
    if message.get("version") != VERSION:
        raise WireError(f"version {message.get('version')!r} was asked for, this is version {VERSION}")


def send_packet(channel: socket.socket, message: Message, descriptors: tuple[int, ...] = ()) -> None:
    data = encode(message)
    if len(data) > PACKET_BYTES_MAX:
        raise WireError(f"a packet of {len(data)} bytes is over {PACKET_BYTES_MAX}")
    socket.send_fds(channel, [data], descriptors)


def receive_packet(channel: socket.socket) -> tuple[Message, list[int]] | None:
    """The next message and the descriptors that came with it, or None when the host is gone."""
    item_bytes = array.array("i").itemsize
    data, ancillary, flags, _ = channel.recvmsg(
        PACKET_BYTES_MAX, socket.CMSG_LEN(DESCRIPTORS_MAX * item_bytes), socket.MSG_CMSG_CLOEXEC
    )
    descriptors = array.array("i")
    for level, kind, payload in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            descriptors.frombytes(payload[: len(payload) - len(payload) % item_bytes])
    if not data:
        return None
    if flags & (socket.MSG_TRUNC | socket.MSG_CTRUNC):
        for descriptor in descriptors:
            os.close(descriptor)
        raise WireError("a packet was cut off")
    return decode(data), list(descriptors)


def send_frame(descriptor: int, message: Message) -> None:
    data = encode(message)
    if len(data) > FRAME_BYTES_MAX:
        raise WireError(f"a frame of {len(data)} bytes is over {FRAME_BYTES_MAX}")
    rest = memoryview(struct.pack(">I", len(data)) + data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def receive_frame(descriptor: int) -> Message | None:
    """The next message, or None when the host has closed the channel between two messages."""
    head = _read_exactly(descriptor, 4)
    if not head:
        return None
    (length,) = struct.unpack(">I", head)
    if length > FRAME_BYTES_MAX:
        raise WireError(f"a frame of {length} bytes is over {FRAME_BYTES_MAX}")
    data = _read_exactly(descriptor, length)
    if len(data) < length:
        raise WireError("the channel ended inside a message")
    return decode(data)


def _read_exactly(descriptor: int, length: int) -> bytes:
    parts: list[bytes] = []
    missing = length
    while missing:
        part = os.read(descriptor, min(missing, 1 << 20))
        if not part:
            if parts:
                raise WireError("the channel ended inside a message")
            return b""
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)
