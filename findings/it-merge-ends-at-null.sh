#!/usr/bin/env bash
#
# A `null` or `undefined` in one of the streams that `it-merge` merges ends all of them, and says no error.
#
# Seen with: it-merge 3.0.15 on Node 20.20.2 and 24.21.0.
#
# `merge` makes one stream of several, and its type takes values of any kind. One would expect each value to come through, and the
# end once all sources have ended. So it is when all sources are synchronous. But once one is asynchronous, a value of `null` or
# `undefined` is taken for the end of the whole: the reader's loop is over as if all had been said. What came after it in that
# source is lost, and so is what other sources still had. A source that yields `undefined` for what it did not find is enough, or
# `null` for a sign of life.
#
# Whoever merges such streams wraps each value in an object first and takes it out after.
#
# Output, for a first source of 1, the value in question and 2, and a second of 3, 4 and 5:
#   all sources sync, null among them: first 1 null 2, second 3 4 5
#   one source async, no null: first 1 2, second 3 4 5
#   one source async, null among them: first 1, second not all
#   one source async, undefined among them: first 1, second not all
#   one source async, null in an object: first 1 null 2, second 3 4 5
#
# Exit status: 0 as seen, 1 it behaves in another way, 2 it could not be tried.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

npm init --yes >npm.log 2>&1 || exit 2
npm install --silent --no-audit --no-fund --ignore-scripts it-merge@3.0.15 >npm.log 2>&1 || {
  cat npm.log >&2
  exit 2
}

cat >run.mjs <<'JS'
import merge from 'it-merge'

async function* async(values) {
  yield* values
}

const second = [3, 4, 5]
const wrap = (values) => values.map((value) => ({ value }))

/** What comes of each source; in which order they take turns is not promised. */
async function read(merged, unwrap = (value) => value) {
  const seen = []
  for await (const value of merged) seen.push(unwrap(value))
  const ofFirst = seen.filter((value) => !second.includes(value)).map(String)
  const all = second.every((value) => seen.includes(value))
  return `first ${ofFirst.join(' ')}, second ${all ? second.join(' ') : 'not all'}`
}

console.log(`all sources sync, null among them: ${await read(merge([1, null, 2], second))}`)
console.log(`one source async, no null: ${await read(merge(async([1, 2]), second))}`)
console.log(`one source async, null among them: ${await read(merge(async([1, null, 2]), second))}`)
console.log(`one source async, undefined among them: ${await read(merge(async([1, undefined, 2]), second))}`)
const wrapped = merge(async(wrap([1, null, 2])), wrap(second))
console.log(`one source async, null in an object: ${await read(wrapped, ({ value }) => value)}`)
JS

cat >expected <<'TEXT'
all sources sync, null among them: first 1 null 2, second 3 4 5
one source async, no null: first 1 2, second 3 4 5
one source async, null among them: first 1, second not all
one source async, undefined among them: first 1, second not all
one source async, null in an object: first 1 null 2, second 3 4 5
TEXT

timeout 60 node run.mjs >seen 2>errors || cat errors >&2
cat seen
diff expected seen >&2 || exit 1
