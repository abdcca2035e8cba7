"""Recognises passwords that attackers try first, including common variations (NIST SP 800-63B §3.1.1.2).

The list is short, because the directory's own policy refuses most entries of longer lists. Recognised
variations are: letter case, digits and symbols around or between the letters, digits and symbols in place
of letters (``P@ssw0rd2024!``), and repetitions (``Password-Password1``). Patterns are refused as well:
a few characters repeated, and neighbours in the alphabet, among the digits or on a keyboard
(``Qwertyuiop12``).
"""

import re

_LIST = """
access admin administrator angel august autumn azerty baseball basketball batman changeme charlie
chocolate computer cookie correcthorsebatterystaple december default dragon facebook february football
freedom fuckyou geheim george google guest hallo harley hello hockey hunter iloveyou internet january
jennifer jessica jordan july june justin killer letmein liverpool login lovely maggie march master matrix
matthew maverick mercedes michael michelle microsoft monday monkey motdepasse mustang mypassword naruto
newpassword nicole november october passphrase passw password passwort pokemon princess qwert qwerty
qwertz ranger root samsung saturday secret september shadow soccer spring starwars summer sunday sunshine
superman superuser tester thomas thunder thursday tigger trustno tuesday user wachtwoord wednesday
welcome whatever william willkommen winter yankees yourpassword
"""
_WORDS = frozenset(_LIST.split())

_KEY_ORDERS = tuple(
    order
    for keys in (
        "abcdefghijklmnopqrstuvwxyz",
        "01234567890123456789",
        "qwertyuiopasdfghjklzxcvbnm",
        "qwertzuiopasdfghjklyxcvbnm",
        "azertyuiopqsdfghjklmwxcvbn",
        "qazwsxedcrfvtgbyhnujmikolp",
        "zaqwsxcderfvbgtyhnmjuik",
        "1q2w3e4r5t6y7u8i9o0p",
        "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
        "zaq12wsxcde34rfvbgt56yhnmju78ik",
    )
    for order in (keys, keys[::-1])
)
_MIN_RUN = 4
_MAX_REPEATED_UNIT = 6
_MAX_LETTERS_BESIDE_DIGITS = 3

_LOOKALIKES = tuple(str.maketrans("01345789@$!|+", f"o{one}eastbgas{one}{one}t") for one in "il")
_NOT_LETTERS = re.compile(r"[\W\d_]+")
_NOT_LETTERS_AT_THE_ENDS = re.compile(r"^[\W\d_]+|[\W\d_]+$")
_SYMBOLS = re.compile(r"[\W_]+")
_REPETITION = re.compile(rf"(.{{1,{_MAX_REPEATED_UNIT}}}?)\1+", re.DOTALL)


def is_common(password: str) -> bool:
    """Tell whether this is a variation of a common password, or only a pattern."""
    folded = password.casefold()
    readings = {_NOT_LETTERS.sub("", folded)}
    for text in (folded, _NOT_LETTERS_AT_THE_ENDS.sub("", folded), _SYMBOLS.sub("", folded)):
        readings |= {_NOT_LETTERS.sub("", text.translate(table)) for table in _LOOKALIKES}
    return (
        any(_is_pattern(reading) or _is_word(reading) for reading in readings)
        or _is_pattern(_SYMBOLS.sub("", folded))
        or _is_mostly_digit_pattern(folded)
    )


def _is_word(text: str) -> bool:
    """Tell whether the text is a common password, once or repeated."""
    return any(
        text == text[:length] * (len(text) // length) and text[:length] in _WORDS
        for length in range(1, len(text) + 1)
    )


def _is_pattern(text: str) -> bool:
    """Tell whether the whole text is a repetition or consists of runs of neighbours."""
    if _REPETITION.fullmatch(text):
        return True
    at = 0
    while at < len(text):
        end = at + _MIN_RUN
        if not _is_run(text[at:end]):
            return False
        while end < len(text) and _is_run(text[at : end + 1]):
            end += 1
        at = end
    return bool(text)


def _is_run(text: str) -> bool:
    return len(text) >= _MIN_RUN and any(text in order for order in _KEY_ORDERS)


def _is_mostly_digit_pattern(text: str) -> bool:
    digits = "".join(filter(str.isdecimal, text))
    letters = _NOT_LETTERS.sub("", text)
    return len(letters) <= _MAX_LETTERS_BESIDE_DIGITS and _is_pattern(digits)
