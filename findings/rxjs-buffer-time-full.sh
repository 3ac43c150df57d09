#!/usr/bin/env bash
#
# A `bufferTime` that was given an interval drops what comes after a buffer that is full, until the next one opens.
#
# Seen with: rxjs 7.8.2 on Node 20.20.2 and 24.21.0.
#
# `bufferTime(span, interval, size)` emits what came within a span, or earlier when there are `size` values. One would expect each
# value to be in a buffer where the interval is not longer than the span, so that the next buffer opens no later than the last one
# closes. So it is while no buffer is full, and with `null` for the interval, which opens the next buffer when the last one closes.
# But with a number a full buffer is emitted early and the next one still opens at its time. What comes between has no buffer and
# is lost. A batch of messages with `bufferTime(1000, 1000, 100)` works until more than 100 come in a second. `windowTime` does the
# same with its windows.
#
# Whoever batches by time and size gives `null` for the interval.
#
# Values 1 to 7 come at once below, and 8 after 1.5 s, in virtual time. Empty buffers are left out.
#
# Output:
#   bufferTime(1000, 1000): 1 2 3 4 5 6 7 | 8
#   bufferTime(1000, null, 3): 1 2 3 | 4 5 6 | 7 | 8
#   bufferTime(1000, 1000, 3): 1 2 3 | 8
#   windowTime(1000, null, 3): 1 2 3 | 4 5 6 | 7 | 8
#   windowTime(1000, 1000, 3): 1 2 3 | 8
#
# Exit status: 0 as seen, 1 it behaves in another way, 2 it could not be tried.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

npm init --yes >npm.log 2>&1 || exit 2
npm install --silent --no-audit --no-fund --ignore-scripts rxjs@7.8.2 >npm.log 2>&1 || {
  cat npm.log >&2
  exit 2
}

cat >run.mjs <<'JS'
import { bufferTime, concat, map, mergeMap, range, timer, toArray, VirtualTimeScheduler, windowTime } from 'rxjs'

const OPERATORS = {
  bufferTime,
  windowTime: (...args) => (source) => source.pipe(windowTime(...args), mergeMap((values) => values.pipe(toArray()))),
}

function read(name, ...args) {
  const time = new VirtualTimeScheduler()
  const values = concat(range(1, 7), timer(1500, time).pipe(map(() => 8)))
  const buffers = []
  values.pipe(OPERATORS[name](...args, time)).subscribe((buffer) => buffers.push(buffer.join(' ')))
  time.flush()
  console.log(`${name}(${args.map(String).join(', ')}): ${buffers.filter((buffer) => buffer !== '').join(' | ')}`)
}

read('bufferTime', 1000, 1000)
read('bufferTime', 1000, null, 3)
read('bufferTime', 1000, 1000, 3)
read('windowTime', 1000, null, 3)
read('windowTime', 1000, 1000, 3)
JS

cat >expected <<'TEXT'
bufferTime(1000, 1000): 1 2 3 4 5 6 7 | 8
bufferTime(1000, null, 3): 1 2 3 | 4 5 6 | 7 | 8
bufferTime(1000, 1000, 3): 1 2 3 | 8
windowTime(1000, null, 3): 1 2 3 | 4 5 6 | 7 | 8
windowTime(1000, 1000, 3): 1 2 3 | 8
TEXT

timeout 60 node run.mjs >seen 2>errors || cat errors >&2
cat seen
diff expected seen >&2 || exit 1
