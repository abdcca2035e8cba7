#!/usr/bin/env bash
# Runs the tests on all processors. The domain's own unit tests must cover all of its lines and branches, so only
# they run under coverage; with coverage, all tests together would take twice as long.
# Arguments are passed to pytest, which then runs without coverage.
# VENV names the project's virtual environment.
set -euo pipefail
cd "$(dirname "$0")/.."
python=${VENV:-.venv}/bin/python
export PYTHONPATH=src
pytest=(-m pytest -n auto --dist loadfile --no-loadscope-reorder)

(($# == 0)) || exec "$python" "${pytest[@]}" "$@"

failed=()
"$python" -m coverage erase
"$python" -m coverage run --source=src/domain -m pytest tests/unit/domain || failed+=("the domain's tests")
"$python" -m coverage combine --quiet
"$python" -m coverage report --fail-under=100 || failed+=("the coverage of the domain, which has to be complete")
"$python" "${pytest[@]}" --ignore=tests/unit/domain || failed+=("the other tests")
((${#failed[@]} == 0)) || {
  printf 'error: failed: %s\n' "${failed[@]}" >&2
  exit 1
}
