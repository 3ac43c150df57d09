#!/usr/bin/env bash
#
# A limit of more than 24.8 days has passed at once.
#
# Seen with: Node 20.20.2 and 24.21.0.
#
# `AbortSignal.timeout` takes a time up to 2 ** 32 - 1 ms (49.7 days), and throws a RangeError beyond. One would expect a
# time that it takes to pass. But it is handed to a timer, whose time ends at 2 ** 31 - 1 ms and counts as 1 ms beyond. So
# a signal for a month is aborted before anything it is given to has begun, with the same TimeoutError as one whose time
# has come; only a warning of the process tells.
#
# Whoever takes a limit from others, such as "never" written as a year, leaves the signal out or shortens the time.
#
# Output:
#   2147483647 ms: not aborted
#   2147483648 ms: aborted, TimeoutError
#   2592000000 ms: aborted, TimeoutError
#   4294967295 ms: aborted, TimeoutError
#   4294967296 ms: RangeError
#   warned of: 3
#
# Exit status: 0 as seen, 1 it behaves in another way, 2 it could not be tried.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

command -v node >/dev/null || exit 2

cat >run.mjs <<'JS'
let warnings = 0
process.on('warning', ({ name }) => {
  if (name === 'TimeoutOverflowWarning') warnings++
})

const MONTH_MS = 30 * 86_400_000
const signals = []
for (const ms of [2 ** 31 - 1, 2 ** 31, MONTH_MS, 2 ** 32 - 1, 2 ** 32]) {
  try {
    signals.push([ms, AbortSignal.timeout(ms)])
  } catch (error) {
    signals.push([ms, error])
  }
}

setTimeout(() => {
  for (const [ms, signal] of signals) {
    if (signal instanceof Error) console.log(`${ms} ms: ${signal.name}`)
    else console.log(`${ms} ms: ${signal.aborted ? `aborted, ${signal.reason.name}` : 'not aborted'}`)
  }
  console.log('warned of:', warnings)
  process.exit()
}, 500)
JS

cat >expected <<'TEXT'
2147483647 ms: not aborted
2147483648 ms: aborted, TimeoutError
2592000000 ms: aborted, TimeoutError
4294967295 ms: aborted, TimeoutError
4294967296 ms: RangeError
warned of: 3
TEXT

timeout 30 node run.mjs >seen 2>errors || cat errors >&2
cat seen
diff expected seen >&2 || exit 1
