#!/usr/bin/env bash
# Runs the tests on all processors and prints their coverage, which must be 100 % for the domain.
# Arguments are passed to pytest; coverage is not checked then.
# VENV names the project's virtual environment.
set -euo pipefail
cd "$(dirname "$0")/.."
python=${VENV:-.venv}/bin/python
export PYTHONPATH=src

"$python" -m coverage erase
status=0
"$python" -m coverage run -m pytest -n auto --dist loadfile --no-loadscope-reorder "$@" || status=$?
"$python" -m coverage combine --quiet
"$python" -m coverage report
((status == 0)) || exit "$status"
(($# > 0)) || "$python" -m coverage report --include='src/domain/*' --fail-under=100 >/dev/null || {
  echo "error: the coverage of the domain is below 100 %" >&2
  exit 1
}
