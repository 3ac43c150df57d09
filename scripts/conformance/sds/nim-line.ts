import { WireReader } from '../../../packages/wire/src/index.ts'

/**
 * Which decoder of nim-sds a file is of. Both take less than ours: the present line wants id, lamport, channel and content
 * to be there and varints minimal; v0.4 wants a non-empty id and channel.
 */
export type NimLine = 'present' | 'v0.4'

const MESSAGE = { messageId: 10, lamport: 16, channelId: 34, content: 42 } as const
const FILTER = [10, 16, 24, 32, 40]

/** Whether the decoder of a line takes a message that ours does. */
export function takesMessage(bytes: Uint8Array, line: NimLine): boolean {
  const isPresent = line === 'present'
  const texts = new Map<number, string>()
  const seen = new Set<number>()
  const reader = new WireReader(bytes)
  while (!reader.done) {
    const tag = reader.tag()
    seen.add(tag)
    if (tag === MESSAGE.messageId || tag === MESSAGE.channelId) texts.set(tag, reader.text())
    else if (tag === MESSAGE.lamport) reader.uint64(isPresent)
    else reader.skip(tag)
  }
  return isPresent
    ? seen.has(MESSAGE.lamport) && seen.has(MESSAGE.content)
    : ![...texts.values()].includes('')
}

/** The same of a filter: the present line wants all its fields. */
export function takesFilter(bytes: Uint8Array, line: NimLine): boolean {
  const seen = new Set<number>()
  const reader = new WireReader(bytes)
  while (!reader.done) {
    const tag = reader.tag()
    seen.add(tag)
    reader.skip(tag)
  }
  return line !== 'present' || FILTER.every((tag) => seen.has(tag))
}
