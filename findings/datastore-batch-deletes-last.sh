#!/usr/bin/env bash
#
# A batch of a datastore that deletes a key and then puts it leaves nothing under that key, in three stores of four.
#
# Seen with: datastore-core 12.0.1, datastore-fs 12.0.1, datastore-idb 5.0.1 (on fake-indexeddb 6.2.8) and datastore-level 13.0.1 on
# Node 20.20.2 and 24.21.0.
#
# libp2p and Helia keep their data behind one interface, whose batch collects writes and carries them out on `commit`. One would
# expect it to carry them out in their order, as a batch of LevelDB does, so that the later of two for one key counts. So does
# `datastore-level`. But the batch of `datastore-core`, which `datastore-fs` takes over and `datastore-idb` has in its own words,
# does all its puts first and all its deletes after them, whichever came first. A value that is replaced by deleting the old one and
# putting the new is gone, and `commit` says nothing. What was tested on one store loses data on another.
#
# Whoever writes a batch names each key once in it; a `put` needs no `delete` before it.
#
# Output:
#   MemoryDatastore: put, delete: the key is gone
#   MemoryDatastore: delete, put: the key is gone
#   FsDatastore: put, delete: the key is gone
#   FsDatastore: delete, put: the key is gone
#   IDBDatastore: put, delete: the key is gone
#   IDBDatastore: delete, put: the key is gone
#   LevelDatastore: put, delete: the key is gone
#   LevelDatastore: delete, put: the key is there
#
# Exit status: 0 as seen, 1 it behaves in another way, 2 it could not be tried.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

npm init --yes >npm.log 2>&1 || exit 2
npm install --silent --no-audit --no-fund --ignore-scripts datastore-core@12.0.1 datastore-fs@12.0.1 datastore-idb@5.0.1 \
  datastore-level@13.0.1 fake-indexeddb@6.2.8 interface-datastore@10.0.1 >npm.log 2>&1 || {
  cat npm.log >&2
  exit 2
}

cat >run.mjs <<'JS'
import 'fake-indexeddb/auto'
import { MemoryDatastore } from 'datastore-core'
import { FsDatastore } from 'datastore-fs'
import { IDBDatastore } from 'datastore-idb'
import { LevelDatastore } from 'datastore-level'
import { Key } from 'interface-datastore'

const key = new Key('/key')
const value = Uint8Array.of(1)

const ORDERS = {
  'put, delete': (batch) => {
    batch.put(key, value)
    batch.delete(key)
  },
  'delete, put': (batch) => {
    batch.delete(key)
    batch.put(key, value)
  },
}
const stores = [new MemoryDatastore(), new FsDatastore('fs'), new IDBDatastore('idb'), new LevelDatastore('level')]
for (const store of stores) {
  await store.open?.()
  for (const [name, write] of Object.entries(ORDERS)) {
    await store.put(key, value)
    const batch = store.batch()
    write(batch)
    await batch.commit()
    console.log(`${store.constructor.name}: ${name}: the key ${(await store.has(key)) ? 'is there' : 'is gone'}`)
  }
  await store.close?.()
}
JS

cat >expected <<'TEXT'
MemoryDatastore: put, delete: the key is gone
MemoryDatastore: delete, put: the key is gone
FsDatastore: put, delete: the key is gone
FsDatastore: delete, put: the key is gone
IDBDatastore: put, delete: the key is gone
IDBDatastore: delete, put: the key is gone
LevelDatastore: put, delete: the key is gone
LevelDatastore: delete, put: the key is there
TEXT

timeout 60 node run.mjs >seen 2>errors || cat errors >&2
cat seen
diff expected seen >&2 || exit 1
