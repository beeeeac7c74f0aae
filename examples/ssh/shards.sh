#!/usr/bin/env bash
# A sweep on machines that ssh reaches, each with this package in the folder SWEEP_HOME (default: sweep):
#
#   ./shards.sh huber-grid.yaml s3://my-bucket/runs out desk1 desk2 desk3
#
# As many shards as machines. Run again, it goes on where it was. A shard whose machine fails the self test (exit code 5), or
# cannot be reached (255), is tried on the next machine. Stores come to the folder `out`, and are merged into out/all.db.
set -uo pipefail
if [ $# -lt 4 ]; then echo "usage: $0 DEFINITION DATA OUT HOST..." >&2; exit 2; fi
definition=$1 data=$2 out=$3
shift 3
hosts=("$@")
shards=${#hosts[@]}
home=${SWEEP_HOME:-sweep}
sweep=${SWEEP:-npx sweep}
name=$(basename "$definition")
mkdir -p "$out" || exit 2

# Runs a shard on one machine, and brings its store.
try_shard() {
  local shard=$1 host=$2 code
  scp -q "$definition" "$host:$home/$name" || return 255
  ssh "$host" "cd $home && $sweep run $(printf %q "$name") --shard $shard/$shards --db shard-$shard.db --data $(printf %q "$data")"
  code=$?
  case $code in
    0 | 6 | 130)
      ssh "$host" "cd $home && rm -f copy-$shard.db && $sweep backup copy-$shard.db --db shard-$shard.db" &&
        scp -q "$host:$home/copy-$shard.db" "$out/shard-$shard.db" || return 2
      ;;
  esac
  return $code
}

# A shard on its own machine, or on those behind it in the list.
run_shard() {
  local shard=$1 code=255 i
  for ((i = 0; i < shards; i++)); do
    try_shard "$shard" "${hosts[(shard - 1 + i) % shards]}"
    code=$?
    case $code in 5 | 255) continue ;; *) break ;; esac
  done
  return $code
}

jobs=()
for ((shard = 1; shard <= shards; shard++)); do
  run_shard "$shard" &
  jobs+=($!)
done
worst=0
for job in "${jobs[@]}"; do
  wait "$job"
  code=$?
  # 6 is done, with configurations that could not be judged.
  if [ $code -ne 0 ] && [ $code -ne 6 ]; then worst=$code; fi
done
if [ $worst -ne 0 ]; then echo "a shard ended with exit code $worst: mend what it says and run this again" >&2; exit $worst; fi
$sweep merge "$out/all.db" "$out"/shard-*.db
