#!/usr/bin/env bash
#
# A query of `datastore-idb` counts to its limit before it filters and sorts, where other datastores count what is left.
#
# Seen with: datastore-idb 5.0.1 (on fake-indexeddb 6.2.8) and datastore-core 12.0.1 on Node 20.20.2 and 24.21.0.
#
# All datastores of libp2p and Helia take the same query: filters, orders, an offset and a limit. One would expect the offset and
# the limit to count the results, as they do in a query of a database, and in the datastores for memory, files and LevelDB. But
# `datastore-idb`, the one for browsers, counts the keys as they lie in the database, and filters and sorts what this leaves. So
# a filter with a limit may give nothing though much fits, an offset skips keys that would not have fitted anyway, and the newest
# two, asked for by an order and a limit, are the oldest two turned round. A program that was tested in memory reads other data in
# the browser, and no page of results tells so.
#
# Whoever asks `datastore-idb` gives it the prefix alone, which it does apply first, or filters and orders without an offset and a
# limit, and counts by himself (`it-drop`, `it-take`).
#
# Output, for a store of the keys /a to /d:
#   MemoryDatastore: after /b, limit 1: /c
#   MemoryDatastore: after /b, offset 1: /d
#   MemoryDatastore: descending, limit 2: /d /c
#   IDBDatastore: after /b, limit 1: nothing
#   IDBDatastore: after /b, offset 1: /c /d
#   IDBDatastore: descending, limit 2: /b /a
#
# Exit status: 0 as seen, 1 it behaves in another way, 2 it could not be tried.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

npm init --yes >npm.log 2>&1 || exit 2
npm install --silent --no-audit --no-fund --ignore-scripts datastore-core@12.0.1 datastore-idb@5.0.1 fake-indexeddb@6.2.8 \
  interface-datastore@10.0.1 >npm.log 2>&1 || {
  cat npm.log >&2
  exit 2
}

cat >run.mjs <<'JS'
import 'fake-indexeddb/auto'
import { MemoryDatastore } from 'datastore-core'
import { IDBDatastore } from 'datastore-idb'
import { Key } from 'interface-datastore'

const afterB = (key) => key.toString() > '/b'
const descending = (a, b) => (a.toString() < b.toString() ? 1 : -1)

const QUERIES = {
  'after /b, limit 1': { filters: [afterB], limit: 1 },
  'after /b, offset 1': { filters: [afterB], offset: 1 },
  'descending, limit 2': { orders: [descending], limit: 2 },
}
for (const store of [new MemoryDatastore(), new IDBDatastore('idb')]) {
  await store.open?.()
  for (const name of ['/a', '/b', '/c', '/d']) await store.put(new Key(name), Uint8Array.of(1))
  for (const [name, query] of Object.entries(QUERIES)) {
    const keys = []
    for await (const key of store.queryKeys(query)) keys.push(key)
    console.log(`${store.constructor.name}: ${name}: ${keys.join(' ') || 'nothing'}`)
  }
}
JS

cat >expected <<'TEXT'
MemoryDatastore: after /b, limit 1: /c
MemoryDatastore: after /b, offset 1: /d
MemoryDatastore: descending, limit 2: /d /c
IDBDatastore: after /b, limit 1: nothing
IDBDatastore: after /b, offset 1: /c /d
IDBDatastore: descending, limit 2: /b /a
TEXT

timeout 60 node run.mjs >seen 2>errors || cat errors >&2
cat seen
diff expected seen >&2 || exit 1
