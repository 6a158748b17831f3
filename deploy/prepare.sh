#!/bin/sh
# Brings the database up to date: at the first start and after every upgrade, before the processes start.
# Each step adds what is missing and leaves the rest alone, so it may run again at any time.
set -eu
cd "$(dirname "$0")/.."
for step in "db upgrade" "access sync" "codes load" "notices load" "destinations load"; do
    # shellcheck disable=SC2086 # the words of a step are meant to be split
    .venv/bin/flask $step
done
