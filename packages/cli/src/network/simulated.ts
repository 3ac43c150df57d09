import { createHash } from 'node:crypto'
import { typed } from '@reliable-channels/messages'
import { simulatedNetwork } from '@reliable-channels/simulator'
import { type Parcel, parcelCodec } from '@reliable-channels/messages/parcel'
import type { Identity } from '../member/identity.ts'
import { openOn } from '../member/open-on.ts'
import type { Joined } from './joined.ts'
import type { NetworkChoice } from './network-options.ts'

/** The member that is simulated. */
const ROBIN = 'robin'
/** Another name for it, where you have its. */
const OTHER = 'kim'
/** Lines of the file that it sends: enough for several segments. */
const FILE_LINES = 4_000

/**
 * A network within this process, and somebody on it: who says hello, sends a file, and answers.
 *
 * @param choice - the share of messages that are lost, and the seed of chance
 */
export async function joinSimulated(
  { loss, seed }: Extract<NetworkChoice, { kind: 'sim' }>,
  { place, name, key }: Pick<Identity, 'place' | 'name' | 'key'>,
): Promise<Joined> {
  const network = simulatedNetwork({ loss, seed, latencyMs: 40, jitterMs: 20 })
  const other = name === ROBIN ? OTHER : ROBIN
  const channel = await openOn(
    network.peer(other),
    { place, name: other, ...(key && { key }) },
    { receipts: 'all' },
  )
  const chat = typed(channel, parcelCodec)
  chat.incoming$.subscribe(({ value }) => chat.send({ kind: 'text', text: answerTo(value) }))
  return {
    transport: network.peer(name),
    description: `a simulated network that loses ${Math.round(100 * loss)} % of the messages`,
    async begin() {
      chat.send({ kind: 'text', text: `Hello ${name}, I am simulated. Say something, or send me a file.` })
      chat.send({ kind: 'file', name: `from-${other}.txt`, bytes: sampleFile(other) })
    },
    async [Symbol.asyncDispose]() {
      await channel.close()
      network.close()
    },
  }
}

function answerTo(parcel: Parcel): string {
  if (parcel.kind === 'text') return `You said: ${parcel.text}`
  const sha256 = createHash('sha256').update(parcel.bytes).digest('hex')
  return `I have ${parcel.name}: ${parcel.bytes.length.toLocaleString('en')} bytes, SHA-256 ${sha256}`
}

function sampleFile(author: string): Uint8Array {
  const lines = Array.from(
    { length: FILE_LINES },
    (_, i) => `line ${i + 1} of ${FILE_LINES}, by ${author}, who is simulated\n`,
  )
  return new TextEncoder().encode(lines.join(''))
}
