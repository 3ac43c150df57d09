import { decodeMessage, encodeMessage } from '@reliable-channels/sds/core'
import { virtualTime } from '@reliable-channels/simulator'
import type { Envelope } from '@reliable-channels/transport'
import { expect, it } from 'vitest'
import { type OpenFake, hello, openFake } from '../../test/open-fake.ts'

const MINUTE_MS = 60_000

/** What a member said, as a repair gives it: without his filter. */
function repaired(envelope: Envelope): Envelope {
  const { message } = decodeMessage(envelope.payload)
  const { bloomFilter: _, ...rest } = message!
  return { ...envelope, payload: encodeMessage(rest, 'lip') }
}

it('a message whose parts several have named is delivered once one of a silent group shows all of them', async () => {
  const scheduler = virtualTime()
  const alice = await openFake({ scheduler })
  const bob = await openFake({ scheduler, senderId: 'bob' })
  const carol = await openFake({ scheduler, senderId: 'carol' })
  const all = [alice, bob, carol]
  /** What is handed on of what is said from now on. */
  let passes: (from: OpenFake, to: OpenFake, envelope: Envelope) => Envelope | undefined = (
    _,
    __,
    envelope,
  ) => envelope
  for (const from of all) {
    from.transport.onSend = (envelope, id) => {
      queueMicrotask(() => from.transport.confirm(id))
      for (const to of all) {
        const passed = to === from ? undefined : passes(from, to, envelope)
        if (passed) queueMicrotask(() => to.transport.deliver(passed))
      }
      return id
    }
  }
  const isSync = ({ payload }: Envelope): boolean => decodeMessage(payload).message?.content === undefined
  const outcomes = (): string[] =>
    alice.events.map(({ type }) => type).filter((type) => /:delivered|:delivery-error/.test(type))
  // Bob hears the first part alone, and says so; carol hears all, and alice hears of her what a repair gives.
  let parts = 0
  passes = (from, to, envelope) => {
    if (from === alice) return to === bob && ++parts > 1 ? undefined : envelope
    if (to !== alice || from === bob) return to === alice ? envelope : undefined
    return isSync(envelope) ? undefined : repaired(envelope)
  }
  alice.channel.send(new Uint8Array(250_000).fill(1))
  await alice.pass(2_000)
  passes = (from, to, envelope) => {
    if (to !== alice) return envelope
    return from === bob || isSync(envelope) ? undefined : repaired(envelope)
  }
  for (let i = 0; i < 4; i++) {
    carol.channel.send(hello)
    await alice.pass(2_000)
  }
  await alice.pass(MINUTE_MS)
  passes = (_, __, envelope) => envelope
  expect(outcomes()).toEqual([])
  await alice.pass(5 * MINUTE_MS)
  expect(outcomes()).toEqual(['reliable:message:delivered'])
  await alice.pass(30 * MINUTE_MS)
  expect(outcomes()).toEqual(['reliable:message:delivered'])
  await Promise.all(all.map(({ channel }) => channel.close()))
})
