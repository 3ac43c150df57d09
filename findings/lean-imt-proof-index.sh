#!/usr/bin/env bash
#
# The index in a proof of a LeanIMT is not the index of the leaf, and several leaves may have the same.
#
# Seen with: @zk-kit/lean-imt 2.2.5 on Node 20.20.2 and 24.21.0.
#
# Groups whose members prove that they belong to them without saying who they are, as Semaphore's, are trees of this kind.
# `generateProof(index)` takes the index of a leaf and returns a proof that has an `index`. One would expect the same, and with four
# members it is. But a LeanIMT leaves levels out at which a node has no sibling, and the index of the proof has a bit for each
# level that is left. Where the number of leaves is no power of two, leaves at the end get another index, which others have too:
# of five members the last has the index of the second.
#
# The proof is valid all the same. Whoever wants to know which leaf it is of asks `indexOf(proof.leaf)`.
#
# Output:
#   4 leaves: 0 1 2 3
#   5 leaves: 0 1 2 3 1
#   6 leaves: 0 1 2 3 2 3
#   7 leaves: 0 1 2 3 4 5 3
#   all of them verify: true
#   indexOf tells it: true
#
# Exit status: 0 as seen, 1 it behaves in another way, 2 it could not be tried.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

npm init --yes >npm.log 2>&1 || exit 2
npm install --silent --no-audit --no-fund --ignore-scripts @zk-kit/lean-imt@2.2.5 >npm.log 2>&1 || {
  cat npm.log >&2
  exit 2
}

cat >run.mjs <<'JS'
import { createHash } from 'node:crypto'
import { LeanIMT } from '@zk-kit/lean-imt'

const hash = (a, b) => BigInt(`0x${createHash('sha256').update(`${a},${b}`).digest('hex')}`)

let areValid = true
let areFound = true
for (const count of [4, 5, 6, 7]) {
  const leaves = Array.from({ length: count }, (_, index) => BigInt(100 + index))
  const tree = new LeanIMT(hash, leaves)
  const proofs = leaves.map((_, index) => tree.generateProof(index))
  console.log(`${count} leaves: ${proofs.map(({ index }) => index).join(' ')}`)
  areValid &&= proofs.every((proof) => tree.verifyProof(proof))
  areFound &&= proofs.every(({ leaf }, index) => tree.indexOf(leaf) === index)
}
console.log(`all of them verify: ${areValid}`)
console.log(`indexOf tells it: ${areFound}`)
JS

cat >expected <<'TEXT'
4 leaves: 0 1 2 3
5 leaves: 0 1 2 3 1
6 leaves: 0 1 2 3 2 3
7 leaves: 0 1 2 3 4 5 3
all of them verify: true
indexOf tells it: true
TEXT

timeout 60 node run.mjs >seen 2>errors || cat errors >&2
cat seen
diff expected seen >&2 || exit 1
