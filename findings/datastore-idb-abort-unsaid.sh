#!/usr/bin/env bash
#
# A batch of `datastore-idb` whose commit was aborted says that it is done, and has stored nothing.
#
# Seen with: datastore-idb 5.0.1 (on fake-indexeddb 6.2.8) and datastore-core 12.0.1 on Node 20.20.2 and 24.21.0.
#
# `commit` takes an AbortSignal, as all methods of a datastore do. One would expect it to reject once that aborts, as it does for a
# signal that had aborted before, as `put` does, and as other datastores do. But `datastore-idb`, the one for browsers, undoes the
# transaction and then resolves. Whoever awaits `commit` under a limit of time, and it is the limit that ended it, goes on as if his
# data were kept: a message counts as saved, and after the next start it is gone.
#
# Whoever gives `commit` a signal calls `signal.throwIfAborted()` after it. That may be wrong on the other side only: a signal that
# aborts just after the data is kept.
#
# Output:
#   MemoryDatastore: commit, aborted before: rejects, 0 of 2 kept
#   MemoryDatastore: commit, aborted meanwhile: rejects, 0 of 2 kept
#   IDBDatastore: commit, aborted before: rejects, 0 of 2 kept
#   IDBDatastore: commit, aborted meanwhile: resolves, 0 of 2 kept
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

const keys = [new Key('/first'), new Key('/second')]

for (const store of [new MemoryDatastore(), new IDBDatastore('idb')]) {
  await store.open?.()
  for (const when of ['before', 'meanwhile']) {
    const abort = new AbortController()
    const batch = store.batch()
    for (const key of keys) batch.put(key, Uint8Array.of(1))

    if (when === 'before') abort.abort()
    const committed = batch.commit({ signal: abort.signal })
    if (when === 'meanwhile') abort.abort()
    const end = await committed.then(
      () => 'resolves',
      () => 'rejects',
    )

    let kept = 0
    for (const key of keys) if (await store.has(key)) kept++
    console.log(`${store.constructor.name}: commit, aborted ${when}: ${end}, ${kept} of 2 kept`)
  }
}
JS

cat >expected <<'TEXT'
MemoryDatastore: commit, aborted before: rejects, 0 of 2 kept
MemoryDatastore: commit, aborted meanwhile: rejects, 0 of 2 kept
IDBDatastore: commit, aborted before: rejects, 0 of 2 kept
IDBDatastore: commit, aborted meanwhile: resolves, 0 of 2 kept
TEXT

timeout 60 node run.mjs >seen 2>errors || cat errors >&2
cat seen
diff expected seen >&2 || exit 1
