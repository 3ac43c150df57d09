#!/usr/bin/env bash
#
# A namespace of `datastore-core` cannot be listed any more once another, whose name begins alike, has an entry in the same store.
#
# Seen with: datastore-core 12.0.1 and interface-datastore 10.0.1 on Node 20.20.2 and 24.21.0.
#
# libp2p and Helia keep what they know in one datastore, and `NamespaceDatastore` gives each part a namespace of its own. One would
# expect that `query` of `/user` lists what is under `/user/`, whatever else the store holds. But the prefix is compared as text:
# the entries of `/username` come along, lose as many characters as `/user` has, and what is left is no key. So the query ends with
# an error, after the entries before it. `get`, `put` and `has` go on, and the longer name lists what it should.
#
# Whoever shares a datastore gives its namespaces names of which none begins with another.
#
# Output:
#   alone: /user lists /1
#   beside /username: /user lists /1, then Error: Invalid key
#   beside /username: /username lists /ann
#   once that is empty: /user lists /1
#
# Exit status: 0 as seen, 1 it behaves in another way, 2 it could not be tried.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

npm init --yes >npm.log 2>&1 || exit 2
npm install --silent --no-audit --no-fund --ignore-scripts datastore-core@12.0.1 interface-datastore@10.0.1 >npm.log 2>&1 || {
  cat npm.log >&2
  exit 2
}

cat >run.mjs <<'JS'
import { MemoryDatastore, NamespaceDatastore } from 'datastore-core'
import { Key } from 'interface-datastore'

const store = new MemoryDatastore()
const user = new NamespaceDatastore(store, new Key('/user'))
const username = new NamespaceDatastore(store, new Key('/username'))
const tell = async (when, name, datastore) => {
  const listed = []
  try {
    for await (const { key } of datastore.query({})) listed.push(key.toString())
  } catch (error) {
    listed.push(`then ${error}`)
  }
  console.log(`${when}: ${name} lists ${listed.join(', ')}`)
}

await user.put(new Key('/1'), Uint8Array.of(1))
await tell('alone', '/user', user)
await username.put(new Key('/ann'), Uint8Array.of(2))
await tell('beside /username', '/user', user)
await tell('beside /username', '/username', username)
await username.delete(new Key('/ann'))
await tell('once that is empty', '/user', user)
JS

cat >expected <<'TEXT'
alone: /user lists /1
beside /username: /user lists /1, then Error: Invalid key
beside /username: /username lists /ann
once that is empty: /user lists /1
TEXT

timeout 60 node run.mjs >seen 2>errors || cat errors >&2
cat seen
diff expected seen >&2 || exit 1
