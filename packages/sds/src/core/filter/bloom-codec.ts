import { WIRE, WireWriter } from '@reliable-channels/wire'
import { type BloomBits, type BloomParameters, bloomBytes } from './bloom.ts'
import type { Dialect } from '../wire/message.ts'
import { MalformedMessage, messageReader } from '../wire/malformed-message.ts'

/** Tags of the first field and the last; those between are numbers as it is. */
const WORDS = 10
const LAST = 40

/** Encodes a filter in the `nim` dialect, where it tells its own parameters. */
export function encodeNimFilter(parameters: BloomParameters, words: Uint8Array): Uint8Array<ArrayBuffer> {
  const writer = new WireWriter()
  writer.bytes(1, words)
  writer.varint(2, parameters.capacity)
  writer.varint(3, Math.floor(parameters.errorRate * 1e6))
  writer.varint(4, parameters.hashCount)
  writer.varint(5, parameters.bits)
  return writer.finish()
}

/** A filter of the `nim` dialect as it was decoded, not yet checked. */
export interface NimFilter {
  readonly words: Uint8Array
  readonly capacity: number
  readonly errorRate: number
  readonly hashCount: number
  readonly bits: number
}

/**
 * Decodes a filter of the `nim` dialect, without judging its numbers.
 *
 * @throws {@link MalformedMessage}
 */
export function decodeNimFilter(bytes: Uint8Array): NimFilter {
  const reader = messageReader(bytes)
  if (reader.done) throw new MalformedMessage('the filter is empty')
  let words: Uint8Array = new Uint8Array(0)
  const numbers: number[] = []
  while (!reader.done) {
    const tag = reader.tag()
    if (tag === WORDS) words = reader.view()
    else if ((tag & 7) === WIRE.varint && tag <= LAST) numbers[tag >>> 3] = Number(reader.uint64())
    else reader.skip(tag)
  }
  const [, , capacity = 0, millionths = 0, hashCount = 0, bits = 0] = numbers
  return { words, capacity, errorRate: millionths / 1e6, hashCount, bits }
}

/** Limits of a filter from the network. */
export interface FilterLimits {
  /** Largest filter, in bytes. @limit A larger one is not decoded. */
  readonly maxBloomBytes: number
  /** Most bits for each id. @limit A filter with more is not decoded. */
  readonly maxHashCount: number
}

/**
 * A filter from the network, ready to be asked, or why it is of no use. Nothing is copied; a check of an id takes at
 * most `maxHashCount` steps.
 *
 * @param base - the parameters of a `lip` filter, which does not tell them
 */
export function openFilter(
  bytes: Uint8Array,
  dialect: Dialect,
  base: BloomParameters,
  limits: FilterLimits,
): BloomBits | string {
  if (bytes.length > limits.maxBloomBytes) return `a filter of ${bytes.length} bytes`
  if (dialect === 'lip') {
    const expected = bloomBytes(base.bits)
    if (bytes.length !== expected) return `a filter of ${bytes.length} bytes, expected ${expected}`
    return { dialect, bits: base.bits, hashCount: base.hashCount, bytes }
  }
  try {
    const { words, hashCount, bits } = decodeNimFilter(bytes)
    if (bits < 1 || bits > Math.floor(words.length / 8) * 64) return `${bits} bits in ${words.length} bytes`
    if (hashCount < 1 || hashCount > limits.maxHashCount) return `a hash count of ${hashCount}`
    return { dialect, bits, hashCount, bytes: words }
  } catch (error) {
    if (error instanceof MalformedMessage) return error.message
    throw error
  }
}
