import { cpuUs, leastUs } from '../../sds/workload.ts'
import { type Case, type Run, most } from '../case.ts'
import type { Library } from '../checkout.ts'
import { counting } from '../flow.ts'
import { numbered } from '../topics.ts'
import { createWire } from '../wire.ts'

const BYTES = 10_000_000
const ROUNDS = 5
const SEGMENT_SIZE_BYTES = 102_400

const payload = Uint8Array.from({ length: BYTES }, (_, i) => (i * i) >> 7)

/** MB/s of CPU time of the fastest of several rounds. */
async function fastest(round: () => Promise<void>): Promise<number> {
  return BYTES / (await leastUs(ROUNDS, () => cpuUs(round)))
}

async function channelMbPerS(library: Library, isSealed: boolean): Promise<number> {
  const wire = createWire(library)
  const key = new Uint8Array(32).fill(7)
  const open = (senderId: string): ReturnType<typeof library.channel.openChannel> =>
    library.channel.openChannel({
      ...numbered(0),
      senderId,
      transport: wire.peer(),
      ...(isSealed && { cipher: library.encryption.xchacha({ key }) }),
    })
  const [alice, bob] = [await open('alice'), await open('bob')]
  const receiver = counting([bob])
  let sent = 0
  const mbPerS = await fastest(async () => {
    await alice.ready(BYTES)
    alice.send(payload)
    await receiver.arrived(++sent)
  })
  await Promise.all([alice.close(), bob.close()])
  return mbPerS
}

/** Cutting and putting together, and sealing and opening if asked for, with nothing around. */
async function stagesMbPerS(library: Library, isSealed: boolean): Promise<number> {
  const { segmentAll, reassemble } = library.segmentation
  const { Subject } = library.rxjs
  const cipher = library.encryption.xchacha({ key: new Uint8Array(32).fill(7) })
  const context = { channelId: 'room', contentTopic: '/bench/1/room/proto', kind: 'content' } as const
  return await fastest(async () => {
    let whole = 0
    const arriving = new Subject<{ readonly payload: Uint8Array }>()
    arriving.pipe(reassemble()).subscribe(() => whole++)
    for (const segment of await segmentAll(payload, { segmentSizeBytes: SEGMENT_SIZE_BYTES })) {
      const received = isSealed
        ? await cipher.open(await cipher.seal(segment.payload, context), context)
        : segment.payload
      arriving.next({ payload: received })
    }
    if (whole !== 1) throw new Error('the payload did not arrive')
  })
}

const share =
  (of: string, all: string) =>
  (runs: readonly Run[]): number =>
    most(of)(runs) / most(all)(runs)

/** One large payload, from `send` until it has arrived: all is computing, so that CPU time is what counts. */
export const large: Case = {
  id: 'large',
  rounds: 2,
  run: async (library) => ({
    plain: await channelMbPerS(library, false),
    sealed: await channelMbPerS(library, true),
    stagesPlain: await stagesMbPerS(library, false),
    stagesSealed: await stagesMbPerS(library, true),
  }),
  figures: [
    { name: '10 MB in one send', unit: 'MB/s', better: 'larger', of: most('plain'), atLeast: 2 },
    { name: '10 MB in one send, sealed', unit: 'MB/s', better: 'larger', of: most('sealed'), atLeast: 2 },
    {
      name: '10 MB in one send, of segmentation alone',
      unit: '×',
      better: 'larger',
      of: share('plain', 'stagesPlain'),
      oursAtLeast: 0.6,
    },
    {
      name: '10 MB in one send, sealed, of segmentation and cipher alone',
      unit: '×',
      better: 'larger',
      of: share('sealed', 'stagesSealed'),
      oursAtLeast: 0.6,
    },
  ],
}
