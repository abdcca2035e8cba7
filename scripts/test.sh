#!/usr/bin/env bash
# Runs the tests on all processors, with coverage, and prints it; the domain has to be covered whole.
# Arguments go to pytest: then only its tests count, and nothing has to be covered.
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
  echo "error: the domain is not covered whole" >&2
  exit 1
}
