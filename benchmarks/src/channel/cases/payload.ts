import { cpuUs, leastUs } from '../../sds/workload.ts'
import { type Case, least } from '../case.ts'
import type { Library } from '../checkout.ts'
import { counting, sendWithRoom } from '../flow.ts'
import { numbered } from '../topics.ts'
import { createWire } from '../wire.ts'

const SIZES = [100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 26_000_000]
const ROUNDS = 3
/** Each round sends so many bytes, in a thousand messages at most. */
const ROUND_BYTES = 1_000_000
const MOST_MESSAGES = 1_000

/** CPU of one message of this size, from `send` until it has arrived, in µs. */
async function usOf(library: Library, bytes: number): Promise<number> {
  const wire = createWire(library)
  const open = (senderId: string): ReturnType<typeof library.channel.openChannel> =>
    library.channel.openChannel({ ...numbered(0), senderId, transport: wire.peer() })
  const [alice, bob] = [await open('alice'), await open('bob')]
  const receiver = counting([bob])
  const payload = Uint8Array.from({ length: bytes }, (_, i) => (i * i) >> 7)
  const count = Math.min(MOST_MESSAGES, Math.ceil(ROUND_BYTES / bytes))
  let sent = 0
  const us = await leastUs(ROUNDS, () =>
    cpuUs(async () => {
      for (let i = 0; i < count; i++) await sendWithRoom(alice, payload)
      await receiver.arrived((sent += count))
    }),
  )
  await Promise.all([alice.close(), bob.close()])
  return us / count
}

/** What a message costs as its payload grows. */
export const payload: Case = {
  id: 'payload',
  rounds: 2,
  async run(library) {
    const run: Record<string, number> = {}
    for (const bytes of SIZES) run[`us${bytes}`] = await usOf(library, bytes)
    return run
  },
  figures: [
    ...SIZES.map((bytes) => ({
      name: `payload of ${bytes.toLocaleString('en')} B`,
      unit: 'µs',
      of: least(`us${bytes}`),
    })),
    {
      name: 'a byte of 26 MB, of one of 1 MB',
      unit: '×',
      of: (runs) => least('us26000000')(runs) / 26 / least('us1000000')(runs),
      atMost: 1.3,
    },
  ],
}
