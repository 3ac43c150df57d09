import type { TransportMessage } from '../transport.ts'
import { type Bench, RESOLVED, distinct, textOf } from './bench.ts'
import type { Case } from './sending.ts'

/** Sends two messages that are kept, one that is not, and one on another topic; returns the kept ones as `b` got them. */
async function fill({
  b,
  done,
  envelope,
  otherTopic,
  received,
  send,
  settle,
  topic,
}: Bench): Promise<TransportMessage[]> {
  await done(b.subscribe(topic))
  await send(envelope('first', { meta: Uint8Array.of(1, 2) }), 'delivered')
  await send(envelope('passing', { ephemeral: true }), 'delivered')
  await send(envelope('elsewhere', { contentTopic: otherTopic }))
  await send(envelope('second'), 'delivered')
  await settle()
  return distinct(received).filter(({ ephemeral }) => !ephemeral)
}

const plain = ({ hash, contentTopic, payload, meta, ephemeral }: TransportMessage): unknown => ({
  hash,
  contentTopic,
  payload: [...payload],
  meta: [...(meta ?? [])],
  ephemeral,
})

/** Tests of `history`. */
export const historyCases: readonly Case[] = [
  [
    'has the messages of a topic in its history, oldest first, as they were delivered, without ephemeral ones',
    async (bench) => {
      const { a, all, done, equal, topic } = bench
      const kept = await fill(bench)
      const history = await done(all(a.history!({ contentTopic: topic, sinceMs: 0 })))
      equal(history.map(textOf), ['first', 'second'])
      equal(history.map(plain), kept.map(plain))
    },
  ],
  [
    'starts its history at the time asked for, inclusive',
    async (bench) => {
      const { a, all, done, equal, topic } = bench
      const times = (await fill(bench)).map(({ timestampMs }) => timestampMs)
      const latest = times.at(-1)
      if (latest === undefined) return
      const from = async (sinceMs: number): Promise<string[]> =>
        (await done(all(a.history!({ contentTopic: topic, sinceMs })))).map(textOf)
      equal((await from(latest)).at(-1), 'second', 'the last message since its own time')
      equal(await from(latest + 60_000), [], 'messages since a time to come')
    },
  ],
  [
    'need not tell in its history what the caller has, and tells all of the rest',
    async (bench) => {
      const { a, all, done, equal, topic } = bench
      const [first] = await fill(bench)
      const isKnown = (hash: string): boolean => hash === first?.hash
      const history = await done(all(a.history!({ contentTopic: topic, sinceMs: 0, isKnown })))
      equal(
        history.filter(({ hash }) => !isKnown(hash)).map(textOf),
        ['second'],
        'messages that the caller does not have',
      )
    },
  ],
  [
    'ends history when the signal says so, with its reason',
    async (bench) => {
      const { a, all, equal, rejection, topic } = bench
      await fill(bench)
      const reason = new Error('enough')
      const aborted = AbortSignal.abort(reason)
      equal(
        (await rejection(all(a.history!({ contentTopic: topic, sinceMs: 0, signal: aborted })))) === reason,
        true,
        'reason',
      )
      const controller = new AbortController()
      const reading = async (): Promise<void> => {
        for await (const _ of a.history!({ contentTopic: topic, sinceMs: 0, signal: controller.signal })) {
          controller.abort(reason)
        }
      }
      equal((await rejection(reading())) === reason, true, 'reason of a signal in the middle')
    },
  ],
]

/** Tests of `fetch`. */
export const fetchCases: readonly Case[] = [
  [
    'fetches messages by hash, as they were delivered, and leaves unknown and ephemeral ones out',
    async (bench) => {
      const { a, all, done, equal, received } = bench
      const kept = await fill(bench)
      const byHash = new Map(kept.map((message) => [message.hash, message]))
      const hashes = [...new Set(received.map(({ hash }) => hash)), '00'.repeat(32)]
      const fetched = await done(all(a.fetch!(hashes)))
      equal(fetched.map(textOf).toSorted(), ['first', 'second'])
      for (const message of fetched) equal(plain(message), plain(byHash.get(message.hash)!))
      equal(await done(all(a.fetch!([]))), [], 'nothing asked for')
    },
  ],
  [
    'ends fetch when the signal says so, with its reason',
    async (bench) => {
      const { a, all, equal, rejection } = bench
      const hashes = (await fill(bench)).map(({ hash }) => hash)
      const reason = new Error('enough')
      const error = await rejection(all(a.fetch!(hashes, { signal: AbortSignal.abort(reason) })))
      equal(error === RESOLVED, false, 'fetch was to reject, and ended well')
      equal(error === reason, true, 'reason')
    },
  ],
]
