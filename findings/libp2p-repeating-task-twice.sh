#!/usr/bin/env bash
#
# A repeating task that changes its own interval runs twice as often from then on, and once more after it was stopped.
#
# Seen with: @libp2p/utils 7.4.1 on Node 20.20.2 and 24.21.0.
#
# `repeatingTask` runs a function again and again, so long after each run has ended; `setInterval` changes how long. One would
# expect a task that finds out that it should run less often to be able to say so. But while it runs, `setInterval` starts a
# timer for the next run, and the end of the run starts another: from then on two runs follow each other, and a further change
# within a run makes more. `stop` ends the timer that was started last; the other still fires.
#
# Whoever changes the interval from within lets the run end first: `setTimeout(() => task.setInterval(ms))`.
#
# Output:
#   changed after a run: runs as often as the interval says, 0 after stop
#   changed within a run: runs twice as often, 1 after stop
#
# Exit status: 0 as seen, 1 it behaves in another way, 2 it could not be tried.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

npm init --yes >npm.log 2>&1 || exit 2
npm install --silent --no-audit --no-fund --ignore-scripts @libp2p/utils@7.4.1 >npm.log 2>&1 || {
  cat npm.log >&2
  exit 2
}

cat >run.mjs <<'JS'
import { setTimeout as pause } from 'node:timers/promises'
import { repeatingTask } from '@libp2p/utils'

const INTERVALS = 10
const INTERVAL_MS = 400

async function count(change) {
  let runs = 0
  const task = repeatingTask(async () => {
    if (++runs === 1) change(() => task.setInterval(INTERVAL_MS))
    await pause(20)
  }, 100)
  task.start()
  await pause(INTERVALS * INTERVAL_MS + 200)
  const before = runs
  task.stop()
  await pause(2 * INTERVAL_MS)
  const often = before > 1.5 * INTERVALS ? 'twice as often' : 'as often as the interval says'
  return `runs ${often}, ${runs - before} after stop`
}

console.log(`changed after a run: ${await count((now) => setTimeout(now, 50))}`)
console.log(`changed within a run: ${await count((now) => now())}`)
JS

cat >expected <<'TEXT'
changed after a run: runs as often as the interval says, 0 after stop
changed within a run: runs twice as often, 1 after stop
TEXT

timeout 60 node run.mjs >seen 2>errors || cat errors >&2
cat seen
diff expected seen >&2 || exit 1
