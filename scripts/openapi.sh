#!/usr/bin/env bash
# Looks at the descriptions of the API with the linters that integrators use (Redocly, Spectral), and compiles a story
# in TypeScript with the types made of them: scripts/openapi.sh VENV. What it needs is installed once, into VENV/node.
# Without Node.js or its registry it says so in one line and goes on.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$1/node
here=scripts/openapi
MOST_WARNINGS=5 # each is explained in redocly.yaml

skip() {
    echo "The description of the API was not looked at by Redocly and Spectral: $*."
    exit 0
}

command -v node >/dev/null 2>&1 && command -v npm >/dev/null 2>&1 || skip "Node.js is not installed"
node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 22 || (a == 20 && b >= 19) || (a == 22 && b >= 12) ? 0 : 1)' ||
    skip "Node.js $(node --version) is too old, 20.19 or newer is needed"

mkdir -p "$folder"
stamp="$folder/installed-$(cksum <"$here/package-lock.json" | tr -c '0-9\n' '-')"
if [ ! -e "$stamp" ]; then
    echo "Installing the linters of the API's description …"
    rm -f "$folder"/installed-*
    cp "$here/package.json" "$here/package-lock.json" "$folder"
    (cd "$folder" && npm ci --ignore-scripts --no-audit --no-fund >npm.log 2>&1) ||
        skip "npm could not install them, see $folder/npm.log"
    touch "$stamp"
fi

tools=$(cd "$folder" && pwd)/node_modules/.bin
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
APP_ENV=test DATABASE_URL=postgresql+psycopg://nobody@localhost/none EMS_URL=http://localhost EMS_TOKEN=none \
    FLASK_APP=app:create_app "$1/bin/flask" api describe "$work" >/dev/null
export REDOCLY_SUPPRESS_UPDATE_NOTICE=true REDOCLY_TELEMETRY=off NO_COLOR=1
for one in "$work"/*.json; do
    name=$(basename "$one" .json)
    if ! "$tools/redocly" lint "$one" --config "$here/redocly.yaml" --format=stylish >"$work/redocly" 2>&1 ||
        [ "$(grep -c ' warning ' "$work/redocly")" -gt "$MOST_WARNINGS" ]; then
        cat "$work/redocly"
        exit 1
    fi
    "$tools/spectral" lint "$one" --ruleset "$here/spectral.yaml" --fail-severity=warn --quiet
    echo "$name: nothing found by Spectral, $(grep -c ' warning ' "$work/redocly" || true) warnings of Redocly"
done
"$tools/openapi-typescript" "$work/platform.json" --default-non-nullable=false --output "$work/platform.ts" >/dev/null 2>&1
cp "$here/story.ts" "$here/tsconfig.json" "$work"
"$tools/tsc" --project "$work/tsconfig.json"
echo "The story in TypeScript compiles with the types of the description."
