"""Decodes the file name in a form (RFC 7578), whatever encoding the client used."""

import re
from collections.abc import Iterable
from contextlib import suppress
from urllib.parse import unquote_to_bytes

import multipart

HEADER_CHARSET = "latin-1"
"""Decodes each byte of a header to one character, so that the bytes can be restored."""

_CODE_PAGES = {
    "ar": "cp1256",
    "bg": "cp1251",
    "cs": "cp1250",
    "el": "cp1253",
    "et": "cp1257",
    "fa": "cp1256",
    "he": "cp1255",
    "hr": "cp1250",
    "hu": "cp1250",
    "ja": "cp932",
    "ko": "cp949",
    "lt": "cp1257",
    "lv": "cp1257",
    "pl": "cp1250",
    "ro": "cp1250",
    "ru": "cp1251",
    "sk": "cp1250",
    "sl": "cp1250",
    "th": "cp874",
    "tr": "cp1254",
    "uk": "cp1251",
    "vi": "cp1258",
    "zh": "gb18030",
    "zh-hk": "cp950",
    "zh-tw": "cp950",
}
"""The Windows code page of each language; for other languages it is Windows-1252."""

_CHARSET = re.compile(
    r"utf-?8|utf-?16|(iso-?8859|latin|windows|cp|koi8|mac|euc|gb|big5|shift)[-_\w]{0,20}|sjis",
    re.ASCII | re.IGNORECASE,
)
"""Names of text encodings; Python also has codecs that are none."""
_LAST_RESORTS = ("cp1252", "latin-1")
_EXTENDED = re.compile(
    r";\s*filename\*\s*=\s*([\w.+-]{1,40})'[\w-]{0,40}'([^;\s]*)", re.ASCII | re.IGNORECASE
)


def decode_filename(
    disposition: str, *, charsets: Iterable[str] = (), languages: Iterable[str] = ()
) -> str | None:
    """Decode the file name in a Content-Disposition header that was decoded as :data:`HEADER_CHARSET`.

    RFC 7578 requires UTF-8 (§4.2) or the encoding in the form's ``_charset_`` field (``charsets``, §4.6).
    Other bytes are decoded with the usual code pages of the client's ``languages``, and finally as Latin-1,
    which never fails. Without a plain ``filename``, ``filename*`` is used (RFC 8187): RFC 7578 forbids it,
    but some clients send it.
    """
    _, _, filename = multipart.parse_content_disposition(disposition)
    if filename is not None:
        return _decode(filename.encode(HEADER_CHARSET), ["utf-8", *charsets, *_code_pages(languages)])
    if extended := _EXTENDED.search(disposition):
        charset, value = extended.groups()
        return _decode(unquote_to_bytes(value), [charset, "utf-8"])
    return None


def _code_pages(languages: Iterable[str]) -> list[str]:
    found = (_CODE_PAGES.get(tag) or _CODE_PAGES.get(tag.partition("-")[0]) for tag in languages)
    return list(dict.fromkeys(filter(None, found)))


def _decode(data: bytes, charsets: Iterable[str]) -> str:
    for charset in filter(_CHARSET.fullmatch, (*charsets, *_LAST_RESORTS)):
        with suppress(UnicodeError, LookupError):
            return data.decode(charset)
    return ""
