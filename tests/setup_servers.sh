#!/usr/bin/env bash
# Makes sure that PostgreSQL's own programs and PgBouncer are there for `make servers`; installs them where that is allowed.
set -uo pipefail

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

wanted=()
ls /usr/lib/postgresql/*/bin/pg_basebackup >/dev/null 2>&1 || wanted+=(postgresql)
PATH="$PATH:/usr/sbin" command -v pgbouncer >/dev/null 2>&1 || wanted+=(pgbouncer)
[ ${#wanted[@]} = 0 ] && exit 0
if command -v apt-get >/dev/null 2>&1 && as_root true >/dev/null 2>&1; then
    export DEBIAN_FRONTEND=noninteractive
    as_root apt-get -qq update >/dev/null 2>&1
    as_root apt-get -qq install -y --no-install-recommends "${wanted[@]}" >/dev/null 2>&1 && exit 0
fi
echo "Not installed, and this account may not install it: ${wanted[*]}. What needs it is skipped." >&2
