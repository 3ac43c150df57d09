#!/usr/bin/env bash
#
# Of the same bytes on two topics gossipsub without signatures delivers the first alone.
#
# Seen with: @libp2p/gossipsub 17.1.1 and libp2p 3.3.11 on Node 24.21.0; it takes Node 22 or newer.
#
# A node is subscribed to two topics, and two others publish one each: the same bytes. One would expect both to come, and its
# README says that the default id of a message is its author and sequence number. So it is with signatures. But with
# `globalSignaturePolicy: 'StrictNoSign'`, where messages have neither, the default id is the hash of the bytes alone: the topic
# is not in it. What was heard on one topic is a duplicate on each other for two minutes, and is dropped without a word, and not
# passed on either.
#
# Whoever does not sign gives a `msgIdFn` of his own, with the topic in it, and something that differs from message to message.
#
# Output:
#   StrictSign: cats: hello
#   StrictSign: dogs: hello
#   StrictSign: dogs: good bye
#   StrictNoSign: cats: hello
#   StrictNoSign: dogs: good bye
#
# Exit status: 0 as seen, 1 it behaves in another way, 2 it could not be tried.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

node --eval 'process.exit(Number(process.versions.node.split(".")[0]) < 22 ? 1 : 0)' || exit 2
npm init --yes >npm.log 2>&1 || exit 2
npm install --silent --no-audit --no-fund --ignore-scripts libp2p@3.3.11 @libp2p/gossipsub@17.1.1 @libp2p/memory@2.0.15 \
  @libp2p/plaintext@3.0.26 @libp2p/identify@4.1.14 @chainsafe/libp2p-yamux@8.0.1 >npm.log 2>&1 || {
  cat npm.log >&2
  exit 2
}

cat >run.mjs <<'JS'
import { setTimeout as pause } from 'node:timers/promises'
import { yamux } from '@chainsafe/libp2p-yamux'
import { gossipsub } from '@libp2p/gossipsub'
import { identify } from '@libp2p/identify'
import { memory } from '@libp2p/memory'
import { plaintext } from '@libp2p/plaintext'
import { createLibp2p } from 'libp2p'

for (const globalSignaturePolicy of ['StrictSign', 'StrictNoSign']) {
  const start = (name) =>
    createLibp2p({
      addresses: { listen: [`/memory/${globalSignaturePolicy}-${name}`] },
      transports: [memory()],
      connectionEncrypters: [plaintext()],
      streamMuxers: [yamux()],
      services: { identify: identify(), pubsub: gossipsub({ globalSignaturePolicy }) },
    })
  const reader = await start('reader')
  const heard = []
  reader.services.pubsub.addEventListener('message', ({ detail: { topic, data } }) => {
    heard.push(`${topic}: ${new TextDecoder().decode(data)}`)
  })
  for (const topic of ['cats', 'dogs']) reader.services.pubsub.subscribe(topic)

  /** One who publishes to one topic. */
  const join = async (topic) => {
    const node = await start(topic)
    await node.dial(reader.getMultiaddrs())
    const { pubsub } = node.services
    while (pubsub.getSubscribers(topic).length === 0) await pause(10)
    const say = async (text) => {
      await pubsub.publish(topic, new TextEncoder().encode(text))
      const what = `${topic}: ${text}`
      // The same bytes may not come; what is said after them does.
      while (text !== 'hello' && !heard.includes(what)) await pause(10)
    }
    return { node, say }
  }
  const cats = await join('cats')
  const dogs = await join('dogs')
  await cats.say('hello')
  while (heard.length === 0) await pause(10)
  await dogs.say('hello')
  await dogs.say('good bye')
  for (const line of heard) console.log(`${globalSignaturePolicy}: ${line}`)
  for (const { node } of [cats, dogs, { node: reader }]) await node.stop()
}
JS

cat >expected <<'TEXT'
StrictSign: cats: hello
StrictSign: dogs: hello
StrictSign: dogs: good bye
StrictNoSign: cats: hello
StrictNoSign: dogs: good bye
TEXT

timeout 50 node run.mjs >seen 2>errors || cat errors >&2
cat seen
diff expected seen >&2 || exit 1
