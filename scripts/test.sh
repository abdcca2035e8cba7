#!/usr/bin/env bash
# Runs the tests on all processors. The domain has to be covered whole, line and branch, by its own unit tests:
# these alone run under coverage, which would make all of them take twice as long.
# Arguments go to pytest: then only its tests run, without coverage.
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
"$python" -m coverage report --fail-under=100 || failed+=("the coverage of the domain, which has to be whole")
"$python" "${pytest[@]}" --ignore=tests/unit/domain || failed+=("the other tests")
((${#failed[@]} == 0)) || {
  printf 'error: failed: %s\n' "${failed[@]}" >&2
  exit 1
}
