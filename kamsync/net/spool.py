"""Keep a large answer on disk and open the zip it is, within caps on size, packing and number of files.

Holds the bytes only while its context lasts. It believes no size that a zip tells of itself beyond the caps.
"""

from __future__ import annotations

import io
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, cast

from kamsync.plugin import Text, Unavailable

MOST_BYTES = 2 * 1024**3
MOST_MEMBERS = 10
MOST_RATIO = 100  # unpacked to packed
FREE_BYTES = 8 * 1024**2  # small files may pack as well as they like
PREVIEW = 64 * 1024  # bytes of it that a judge of the answer may see


class Spool:
    """One downloaded file; a connector sees it as `kamsync.plugin.File`."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def begin(self) -> None:
        """Forget what a failed try left."""
        self._file.seek(0)
        self._file.truncate()

    def write(self, piece: bytes) -> None:
        self._file.write(piece)

    def preview(self) -> bytes:
        self._file.seek(0)
        return self._file.read(PREVIEW)

    def stream(self) -> BinaryIO:
        self._file.seek(0)
        return self._file

    def members(self) -> Iterator[tuple[str, BinaryIO]]:
        """Name and bytes of each file in the zip."""
        with _readable(), zipfile.ZipFile(self.stream()) as archive:
            infos = [info for info in archive.infolist() if not info.is_dir()]
            _admit(infos)
            for info in infos:
                with archive.open(info) as member:
                    yield info.filename, cast(BinaryIO, io.BufferedReader(_Member(cast(BinaryIO, member))))


@contextmanager
def spooled() -> Iterator[Spool]:
    """A file that is gone when the context ends, however it ends."""
    with tempfile.TemporaryFile() as file:
        yield Spool(cast(BinaryIO, file))


def _admit(infos: list[zipfile.ZipInfo]) -> None:
    """Refuse a bomb by what its directory says; more than that the reading does not give."""
    if len(infos) > MOST_MEMBERS:
        raise Unavailable(
            Text(f"压缩包内有 {len(infos)} 个文件,已放弃", f"the archive holds {len(infos)} files; given up")
        )
    unpacked = sum(info.file_size for info in infos)
    packed = sum(info.compress_size for info in infos)
    if unpacked > MOST_BYTES or (unpacked > FREE_BYTES and unpacked > MOST_RATIO * max(packed, 1)):
        raise Unavailable(Text("压缩包解压后大得不合常理,已放弃", "the archive unpacks to an absurd size; given up"))


class _Member(io.RawIOBase):
    """A packed file's bytes; damage is told as an answer that makes no sense."""

    def __init__(self, inner: BinaryIO) -> None:
        self._inner = inner

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # the base knows a wider type
        with _readable():
            piece = self._inner.read(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)


@contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as broken:
        raise Unavailable(
            Text("下载的压缩包已损坏或无法打开", "the downloaded archive is damaged or cannot be opened")
        ) from broken
