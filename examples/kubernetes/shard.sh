#!/usr/bin/env bash
# What a pod of job.yaml runs: one shard, its store on the pod's own disk, copied to OUT when it ends, however it ends.
set -uo pipefail
: "${SWEEP_FILE:?}" "${SWEEP_DATA:?}" "${SHARDS:?}" "${JOB_COMPLETION_INDEX:?}" "${OUT:?}" "${SCRATCH:?}"
sweep=${SWEEP:-sweep}
store=$SCRATCH/shard.db
kept=$OUT/shard-$JOB_COMPLETION_INDEX.db

# What an earlier pod of this index has judged.
if [ -e "$kept" ]; then cp "$kept" "$store" || exit 2; fi

# Handed on, also where it comes while the run begins, and waited for, since a signal ends `wait`.
run=
is_stopped=
trap 'is_stopped=yes; [ -z "$run" ] || kill -TERM "$run" 2>/dev/null' TERM
$sweep run "$SWEEP_FILE" --shard-index "$JOB_COMPLETION_INDEX" --shards "$SHARDS" --db "$store" \
  --data "$SWEEP_DATA" --cache "$SCRATCH/cache" &
run=$!
[ -z "$is_stopped" ] || kill -TERM "$run" 2>/dev/null
wait "$run"
code=$?
while kill -0 "$run" 2>/dev/null; do
  wait "$run"
  code=$?
done

if [ -e "$store" ]; then
  $sweep backup "$kept.new" --db "$store" && mv "$kept.new" "$kept" || exit 2
fi
# 6 is done, with configurations that could not be judged: a pod that fails would be tried again. What else there is, job.yaml
# knows: 2 fails the index at once, 5 is another node's turn, 130 goes on in the next pod.
if [ "$code" = 6 ]; then exit 0; fi
exit "$code"
