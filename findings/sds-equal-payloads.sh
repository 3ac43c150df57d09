#!/usr/bin/env bash
#
# Two members who say the same bytes never hear each other's.
#
# Seen with: @waku/sds 0.0.8 on Node 20.20.2 and 24.21.0.
#
# A `MessageChannel` names a message by the SHA-256 of its content; neither its author nor its time is part of the name.
# One would expect each of two messages to arrive, whatever they say. But who has sent a content takes the same from
# another for the own one come back. So where alice and bob both answer `yes`,
# - neither of them is told of the other's answer, while a third member is told of both;
# - bob's counts as acknowledged by alice, who has never had it, as soon as she names her own.
#
# Whoever needs each of them to arrive puts something into the content that nobody else says.
#
# Output:
#   ids of two members who say the same: equal
#   alice hears nothing
#   bob hears nothing
#   carol hears alice: yes, bob: yes
#   bob is told that his was acknowledged: true
#
# Exit status: 0 as seen, 1 it behaves in another way, 2 it could not be tried.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

npm init --yes >npm.log 2>&1 || exit 2
npm install --silent --no-audit --no-fund --ignore-scripts @waku/sds@0.0.8 >npm.log 2>&1 || {
  cat npm.log >&2
  exit 2
}

cat >run.mjs <<'JS'
import { MessageChannel, MessageChannelEvent } from '@waku/sds'

const member = (name) => {
  const channel = new MessageChannel('channel', name)
  const heard = []
  const acknowledged = []
  const of = (message) => `${message.senderId}: ${new TextDecoder().decode(message.content)}`
  channel.addEventListener(MessageChannelEvent.InMessageReceived, ({ detail }) => heard.push(of(detail)))
  channel.addEventListener(MessageChannelEvent.OutMessageAcknowledged, ({ detail }) => acknowledged.push(detail))
  return { channel, heard, acknowledged }
}

const say = async ({ channel }, text) => {
  let sent
  channel.pushOutgoingMessage(new TextEncoder().encode(text), async (message) => {
    sent = message
    return { success: true }
  })
  await channel.processTasks()
  return sent
}

const hear = async ({ channel }, ...messages) => {
  for (const message of messages) channel.pushIncomingMessage(message)
  await channel.processTasks()
}

const list = (texts) => (texts.length === 0 ? 'nothing' : texts.join(', '))

const [alice, bob, carol] = ['alice', 'bob', 'carol'].map(member)
const hers = await say(alice, 'yes')
const his = await say(bob, 'yes')
console.log('ids of two members who say the same:', hers.messageId === his.messageId ? 'equal' : 'different')
await hear(alice, his)
await hear(bob, hers)
await hear(carol, hers, his)

console.log('alice hears', list(alice.heard))
console.log('bob hears', list(bob.heard))
console.log('carol hears', list(carol.heard))

const next = await say(alice, 'next')
await hear(bob, next)
console.log('bob is told that his was acknowledged:', bob.acknowledged.includes(his.messageId))
process.exit()
JS

cat >expected <<'TEXT'
ids of two members who say the same: equal
alice hears nothing
bob hears nothing
carol hears alice: yes, bob: yes
bob is told that his was acknowledged: true
TEXT

timeout 30 node run.mjs >seen 2>errors || cat errors >&2
cat seen
diff expected seen >&2 || exit 1
