#!/usr/bin/env bash
# The demo as a newcomer runs it, twice: the second run must answer from the store.
set -eu
cd "$(dirname "$0")/.."
rm -rf examples/support/.rung
first=$(mktemp)
second=$(mktemp)
trap 'rm -f "$first" "$second"' EXIT

begun=$(date +%s)
npm run --silent demo -- --json >"$first" || [ $? -eq 3 ] || [ $? -eq 4 ]
echo "first run: $(($(date +%s) - begun)) s"
begun=$(date +%s)
npm run --silent demo -- --json >"$second" || [ $? -eq 3 ] || [ $? -eq 4 ]
echo "second run: $(($(date +%s) - begun)) s"
node_modules/.bin/node scripts/compare-verdicts.ts "$first" "$second"
