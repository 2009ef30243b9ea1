#!/usr/bin/env bash
# Logits, token ids and rendered chats of the embedded model against Transformers, and with an adapter against PEFT.
# Usage: scripts/parity.sh PYTHON (a Python with trainer/requirements.txt)
set -eu
cd "$(dirname "$0")/.."
python="$1"
node=node_modules/.bin/node
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$node" src/nano/parity.ts models/nano "$work/base.json"
"$python" trainer/parity_check.py models/nano "$work/base.json"
"$python" trainer/parity_check.py models/nano --make-adapter "$work/adapter"
"$node" src/nano/parity.ts models/nano "$work/adapted.json" "$work/adapter"
"$python" trainer/parity_check.py models/nano "$work/adapted.json" "$work/adapter"
