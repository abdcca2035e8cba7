"""Checks that this Python can create the project's virtual environment.

It runs on any Python 3, so that an old version can print the message too.
"""

import sys


def main():
    """Return 0 if a virtual environment can be created, else print what is missing and return 1."""
    if sys.version_info < (3, 11):  # noqa: UP036
        sys.stderr.write(
            "error: Python 3.11 or newer is needed, but this is %d.%d.\n"  # noqa: UP031
            "Use another one: make PYTHON=python3.13 ...\n" % sys.version_info[:2]
        )
        return 1
    try:
        import ensurepip  # noqa: F401, PLC0415
        import venv  # noqa: F401, PLC0415
    except ImportError:
        sys.stderr.write(
            "error: Python's venv module is incomplete. On Debian or Ubuntu: apt-get install python3-venv\n"
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
