#!/usr/bin/env bash
#
# `map`, `filter` and `forEach` of the `it` modules treat the first value when they are called, and then never close the source.
#
# Seen with: it-map 3.1.6, it-filter 3.1.6 and it-foreach 2.1.7 on Node 20.20.2 and 24.21.0.
#
# libp2p's streams are put together of these. One would expect that nothing happens until somebody iterates, as with a generator.
# So it is with a source that is asynchronous. But of one that is synchronous the first value is taken and handed to the function
# at once, to see whether that returns a promise. So
# - what the function does is done for the first value though nobody ever asks for one;
# - a source that was begun so is not ended, when the result is let go before it was iterated: what it would release in `finally`
#   stays.
#
# Whoever wants it later, or must close the source, makes an asynchronous generator of it first.
#
# Output:
#   map of a sync source: 1 treated before anybody asks; let go, the source is open
#   map of an async source: 0 treated before anybody asks; let go, the source was not begun
#   filter of a sync source: 1 treated before anybody asks; let go, the source is open
#   filter of an async source: 0 treated before anybody asks; let go, the source was not begun
#   forEach of a sync source: 1 treated before anybody asks; let go, the source is open
#   forEach of an async source: 0 treated before anybody asks; let go, the source was not begun
#
# Exit status: 0 as seen, 1 it behaves in another way, 2 it could not be tried.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

npm init --yes >npm.log 2>&1 || exit 2
npm install --silent --no-audit --no-fund --ignore-scripts it-map@3.1.6 it-filter@3.1.6 it-foreach@2.1.7 >npm.log 2>&1 || {
  cat npm.log >&2
  exit 2
}

cat >run.mjs <<'JS'
import filter from 'it-filter'
import forEach from 'it-foreach'
import map from 'it-map'

for (const [name, operator] of Object.entries({ map, filter, forEach })) {
  for (const kind of ['a sync', 'an async']) {
    let source = 'was not begun'
    let treated = 0
    const sync = function* () {
      source = 'is open'
      try {
        yield* [1, 2, 3]
      } finally {
        source = 'is closed'
      }
    }
    const async = async function* () {
      yield* sync()
    }
    const result = operator(kind === 'a sync' ? sync() : async(), () => {
      treated++
      return true
    })
    await result.return()
    console.log(`${name} of ${kind} source: ${treated} treated before anybody asks; let go, the source ${source}`)
  }
}
JS

cat >expected <<'TEXT'
map of a sync source: 1 treated before anybody asks; let go, the source is open
map of an async source: 0 treated before anybody asks; let go, the source was not begun
filter of a sync source: 1 treated before anybody asks; let go, the source is open
filter of an async source: 0 treated before anybody asks; let go, the source was not begun
forEach of a sync source: 1 treated before anybody asks; let go, the source is open
forEach of an async source: 0 treated before anybody asks; let go, the source was not begun
TEXT

timeout 60 node run.mjs >seen 2>errors || cat errors >&2
cat seen
diff expected seen >&2 || exit 1
