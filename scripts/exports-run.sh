#!/usr/bin/env bash
# An export for MLX-LM, trained by MLX-LM itself on the CPU with the commands of its README; the adapter imported, measured on
# the task, and its logits compared.
# Usage: scripts/exports-run.sh PYTHON [VENV] (a Python of 3.10 or later; VENV is kept where it is named)
set -eu
cd "$(dirname "$0")/.."
root=$PWD
node="$root/node_modules/.bin/node"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
venv=${2:-$work/venv}

case "$(uname -s)-$(uname -m)" in
  Linux-x86_64 | Linux-aarch64 | Darwin-arm64) ;;
  *) echo "SKIPPED: MLX has no wheels for $(uname -s) on $(uname -m)"; exit 0 ;;
esac
"$1" -m venv "$venv"
"$venv/bin/pip" install --quiet --disable-pip-version-check "mlx[cpu]==0.32.4" "mlx-lm[train]==0.32.2" transformers==5.23.0
export PATH="$venv/bin:$PATH" HF_HUB_OFFLINE=1

rung() { "$node" "$root/src/cli/main.ts" "$@"; }
task="$work/task"
mkdir "$task"
head -n 64 examples/support/examples.jsonl >"$task/examples.jsonl"
sed '/^ladder:/d' examples/support/task.yaml >"$task/task.yaml"
rung tune export "$task" --for mlx-lm --epochs 1 --batch-size 10 --learning-rate 2e-3
export -f rung
export node root

# the second and third indented lines of the README, as they stand there
grep '^    ' "$task/tune-mlx-lm/README.md" | tail -n 2 >"$work/commands.sh"
(cd "$task/tune-mlx-lm" && bash -eu "$work/commands.sh")

printf '%s\n' 'trainers: { adapter: { folder: adapters/imported } }' \
  'ladder: [zero-shot, { rung: fine-tuned, trainer: adapter }]' >>"$task/task.yaml"
rung climb "$task" --json >"$work/climb.json" 2>"$work/climb.log" || [ $? -eq 3 ] || [ $? -eq 4 ]
grep 'fine-tuned: .* rows, accuracy' "$work/climb.log"

"$node" src/nano/parity.ts models/nano "$work/logits.json" "$task/adapters/imported"
python scripts/exports-mlx-check.py models/nano "$task/tune-mlx-lm" "$work/logits.json"
