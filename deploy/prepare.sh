#!/bin/sh
# Brings the database up to date: at the first start and after every upgrade, before the processes start.
# Each step adds what is missing and leaves the rest alone, so it may run again at any time.
set -eu
cd "$(dirname "$0")/.."
exec .venv/bin/flask setup "$@"
