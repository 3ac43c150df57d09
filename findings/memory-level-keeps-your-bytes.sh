#!/usr/bin/env bash
#
# A database in memory hands out the bytes that it was given: whoever writes into them has changed the database.
#
# Seen with: memory-level 3.1.0 beside classic-level 3.0.0 on Node 20.20.2 and 24.21.0.
#
# Both implement abstract-level, and tests take `memory-level` where an application has `classic-level`. One would expect the
# values of either to be one's own: `classic-level` copies what is put before `put` returns, and gives each reader new bytes.
# But `memory-level` keeps the array that it was given, and gives every reader that same array. So a buffer that is used again
# for the next message overwrites the last one in the store, after `put` was awaited, and a reader who decodes in place spoils
# the value for the next reader.
#
# Whoever tests with `memory-level` copies what he puts and what he gets, or sees failures that his users never have.
#
# Output:
#   classic-level, the buffer used again: [1,2,3]
#   classic-level, a reader wrote into it: [1,2,3]
#   memory-level, the buffer used again: [0,0,0]
#   memory-level, a reader wrote into it: [0,0,0]
#
# Exit status: 0 as seen, 1 it behaves in another way, 2 it could not be tried.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

npm init --yes >npm.log 2>&1 || exit 2
npm install --silent --no-audit --no-fund --ignore-scripts classic-level@3.0.0 memory-level@3.1.0 >npm.log 2>&1 || {
  cat npm.log >&2
  exit 2
}

cat >run.mjs <<'JS'
import { ClassicLevel } from 'classic-level'
import { MemoryLevel } from 'memory-level'

for (const [name, db] of [
  ['classic-level', new ClassicLevel('db', { valueEncoding: 'view' })],
  ['memory-level', new MemoryLevel({ valueEncoding: 'view' })],
]) {
  const buffer = Uint8Array.of(1, 2, 3)
  await db.put('key', buffer)
  buffer.fill(0)
  console.log(`${name}, the buffer used again: [${[...(await db.get('key'))]}]`)
  await db.put('key', Uint8Array.of(1, 2, 3))
  const read = await db.get('key')
  read.fill(0)
  console.log(`${name}, a reader wrote into it: [${[...(await db.get('key'))]}]`)
  await db.close()
}
JS

cat >expected <<'TEXT'
classic-level, the buffer used again: [1,2,3]
classic-level, a reader wrote into it: [1,2,3]
memory-level, the buffer used again: [0,0,0]
memory-level, a reader wrote into it: [0,0,0]
TEXT

timeout 60 node run.mjs >seen 2>errors || cat errors >&2
cat seen
diff expected seen >&2 || exit 1
