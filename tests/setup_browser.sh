#!/usr/bin/env bash
# Makes sure that a browser and a Chinese font are there for the browser tests, pdfsig and a token for those of the seal;
# installs them where that is allowed.
# Prints what is missing; with REQUIRE_BROWSER=1 something missing is an error.
set -uo pipefail

browser() {
    local name
    [ -n "${CHROMIUM:-}" ] && [ -x "${CHROMIUM:-}" ] && return
    for name in chromium-headless-shell chromium chromium-browser google-chrome google-chrome-stable; do
        command -v "$name" >/dev/null 2>&1 && return
    done
    return 1
}

font() { command -v fc-list >/dev/null 2>&1 && [ -n "$(fc-list :lang=zh 2>/dev/null | head -n 1)" ]; }

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

may_install() {
    command -v apt-get >/dev/null 2>&1 || return 1
    [ "$(id -u)" = 0 ] || sudo -n true >/dev/null 2>&1
}

# Chromium without what only a window needs: the browser tests take a sixth less time with it.
light() { [ -n "${CHROMIUM:-}" ] || command -v chromium-headless-shell >/dev/null 2>&1; }

apt() { as_root apt-get -qq -o Acquire::http::Timeout=15 -o Acquire::Retries=0 "$@" >/dev/null 2>&1; }

install() {
    apt install -y --no-install-recommends "$@" || echo "apt-get could not install $*." >&2
}

# Another house's judgement of our seals, with the certificates that it is to trust; a token that keeps a key.
judge() { command -v pdfsig >/dev/null 2>&1 && command -v certutil >/dev/null 2>&1; }
token() { command -v softhsm2-util >/dev/null 2>&1; }

if ! { light && font && judge && token; } && may_install; then
    echo "Installing Chromium, a Chinese font, pdfsig and SoftHSM for the tests …"
    export DEBIAN_FRONTEND=noninteractive
    apt update
    light || install chromium-headless-shell
    browser || install chromium
    font || install fonts-noto-cjk fontconfig
    judge || install poppler-utils libnss3-tools
    token || install softhsm2
fi

missing=""
browser || missing="a browser (Chromium)"
font || missing="${missing:+$missing and }a Chinese font"
[ -z "$missing" ] && exit 0
echo "The browser tests (tests/journeys and everything marked browser) cannot run: $missing is missing," >&2
echo "and this account may not install it. As root: apt-get install chromium fonts-noto-cjk" >&2
[ "${REQUIRE_BROWSER:-}" = 1 ] && exit 1
exit 0
