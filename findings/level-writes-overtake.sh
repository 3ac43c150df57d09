#!/usr/bin/env bash
#
# Two writes that are begun one after the other can be carried out the other way round.
#
# Seen with: classic-level 3.0.0 on Node 20.20.2 and 24.21.0, a few times in 10,000.
#
# LevelDB carries out writes one at a time, in the order in which they come to it. One would expect two calls of `put` for one
# key, not awaited in between, to leave the second value: in `memory-level` they always do. But each call is handed to a thread
# of its own, and these reach LevelDB in an order that nobody decides. Both promises are kept, and now and then the older
# value stays. `batch` is no different: each is one piece, and two of them change places like any other writes.
#
# Whoever writes the latest state of something waits for each write before he begins the next, or has one batch for all that
# belongs together.
#
# Output:
#   put: the older one of two stays, sometimes
#   batch: the older one of two stays, sometimes
#
# Exit status: 0 as seen, 1 it behaves in another way, 2 it could not be tried.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

npm init --yes >npm.log 2>&1 || exit 2
npm install --silent --no-audit --no-fund --ignore-scripts classic-level@3.0.0 >npm.log 2>&1 || {
  cat npm.log >&2
  exit 2
}

cat >run.mjs <<'JS'
import { ClassicLevel } from 'classic-level'

const db = new ClassicLevel('db')
await db.open()

const WAYS = {
  put: (value) => db.put('key', value),
  batch: (value) => db.batch([{ type: 'put', key: 'key', value }]),
}
// Until it has happened, for 25 seconds at most.
for (const [name, write] of Object.entries(WAYS)) {
  let older = false
  const until = Date.now() + 25_000
  while (!older && Date.now() < until) {
    await Promise.all([write('older'), write('newer')])
    older = (await db.get('key')) === 'older'
  }
  console.log(`${name}: ${older ? 'the older one of two stays, sometimes' : 'the newer one of two stays'}`)
}
await db.close()
JS

cat >expected <<'TEXT'
put: the older one of two stays, sometimes
batch: the older one of two stays, sometimes
TEXT

timeout 60 node run.mjs >seen 2>errors || cat errors >&2
cat seen
diff expected seen >&2 || exit 1
