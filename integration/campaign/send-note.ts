import type { ReliableChannel } from '@reliable-channels/channel'
import type { Life } from './life.ts'
import { encodeNote, vectorOf } from './note.ts'
import type { Memory, Order } from './truth.ts'
import type { Surroundings } from './surroundings.ts'

/** How a note is sent. */
export interface NoteOptions extends Order {
  readonly ephemeral?: boolean
  /** Taken back at once. */
  readonly cancel?: boolean
}

/** Who sends a note. */
interface Author {
  readonly world: Surroundings
  readonly name: string
  /** The how manieth of its lives it is. */
  readonly number: number
  readonly life: Life
  readonly channel: ReliableChannel
  readonly memory: Memory
  readonly say: (line: string) => void
}

/** Why a message may be refused: there is no room for it now, or the channel closes. */
const REFUSALS = ['ERR_QUEUE_FULL', 'ERR_CHANNEL_CLOSED']

/**
 * Sends a note of about so many bytes, and tells the judge of it.
 *
 * @returns Whether the channel took it.
 */
export function sendNote(author: Author, id: string, bytes: number, options: NoteOptions): boolean {
  const { world, name, number, life, channel, memory, say } = author
  const { ephemeral = false, cancel = false, ...how } = options
  const { truth, time } = world
  const payload = encodeNote({ id, after: vectorOf([...memory.has.keys(), ...memory.sent]) }, bytes)
  let handle
  try {
    handle = channel.send(payload, { ephemeral, ...how })
  } catch (error) {
    say(`cannot send: ${String(error)}`)
    if (!REFUSALS.includes((error as { readonly code?: string }).code ?? ''))
      truth.violate(`${name} cannot send: ${String(error)}`)
    return false
  }
  const whose = { id, author: name, atMs: time.now(), life: number }
  const sent = { ...whose, payload, ephemeral, cancelled: false, refused: false, ...how }
  truth.sent.set(id, sent)
  truth.requested(handle.requestId, id)
  if (cancel && handle.cancel() === 'cancelled') {
    sent.cancelled = true
    return true
  }
  if (!ephemeral) memory.sent.add(id)
  life.unsaved.add(id)
  handle.status$.subscribe(({ state, error }) => {
    const isError = state === 'cancelled' || state.endsWith('-failed')
    if ((error !== undefined) !== isError || (error === 'cancelled') !== (state === 'cancelled'))
      truth.violate(`${name} sees ${id} as ${state}, with the error ${error}`)
  })
  const { order = '', priority = '' } = how
  say(`sends ${id}, ${payload.length} B, request ${handle.requestId} ${priority} ${order}`)
  handle.accepted().then(
    () => {
      if (!life.program.hasEnded && !ephemeral) memory.accepted.add(id)
    },
    () => (sent.refused = true),
  )
  return true
}
