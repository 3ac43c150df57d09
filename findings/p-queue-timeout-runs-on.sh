#!/usr/bin/env bash
#
# A queue of one at a time runs four at once, when each has taken too long.
#
# Seen with: p-queue 9.3.5 on Node 20.20.2 and 24.21.0.
#
# `new PQueue({ concurrency: 1, timeout })` gives each task a time limit. One would expect the next task to begin when the one
# before has ended. But the limit ends the waiting, not the task, which cannot be ended from outside: the queue counts it as
# done, says that nothing is pending, and begins the next beside it. When a server is slow, what the queue was to hold back
# meets there all at once; two writes of which the second must come after the first run together.
#
# Whoever limits the time of tasks that must not meet gives each a signal that it heeds, and lets the queue wait for its end.
#
# Output:
#   outcomes: TimeoutError, TimeoutError, TimeoutError, TimeoutError
#   pending: 0, running: 4, at most: 4
#
# Exit status: 0 as seen, 1 it behaves in another way, 2 it could not be tried.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

npm init --yes >npm.log 2>&1 || exit 2
npm install --silent --no-audit --no-fund --ignore-scripts p-queue@9.3.5 >npm.log 2>&1 || {
  cat npm.log >&2
  exit 2
}

cat >run.mjs <<'JS'
import { setTimeout as pause } from 'node:timers/promises'
import PQueue from 'p-queue'

const queue = new PQueue({ concurrency: 1, timeout: 50 })
let running = 0
let most = 0

async function slow() {
  running++
  most = Math.max(most, running)
  await pause(2_000)
  running--
}

const outcomes = await Promise.allSettled(Array.from({ length: 4 }, () => queue.add(slow)))
console.log(`outcomes: ${outcomes.map(({ reason }) => reason?.name).join(', ')}`)
console.log(`pending: ${queue.pending}, running: ${running}, at most: ${most}`)
JS

cat >expected <<'TEXT'
outcomes: TimeoutError, TimeoutError, TimeoutError, TimeoutError
pending: 0, running: 4, at most: 4
TEXT

timeout 60 node run.mjs >seen 2>errors || cat errors >&2
cat seen
diff expected seen >&2 || exit 1
