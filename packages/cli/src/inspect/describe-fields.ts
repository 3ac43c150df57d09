import { type Uint64, WIRE, decodeText, hexOf } from '@reliable-channels/wire'
import { type FieldValue, type Flaw, type InspectedField, errorAt, noteAt } from './inspection.ts'
import type { Scanned, ScannedField } from './scan-fields.ts'
import { numberValue, shownBytes, shownText } from './show.ts'

/** Fields of one layer that are described. @limit Further ones are counted in a note. */
const MAX_DESCRIBED = 500

/** What a field holds, put into words. */
export interface Shown {
  readonly text: string
  readonly value: FieldValue
  readonly flaws?: readonly Flaw[]
}

/** A field that a message may have. */
export type FieldSpec = {
  readonly name: string
  /** May stand several times; of others the last one counts. */
  readonly repeated?: true
} & (
  | { readonly wire: 'varint'; readonly show: (content: Uint64) => Shown }
  | { readonly wire: 'bytes'; readonly show: (content: Uint8Array) => Shown }
)

/** The fields of a message by number. */
export type MessageSpec = Readonly<Record<number, FieldSpec>>

const WIRE_NAMES = ['a varint', '64 bits', 'bytes', 'a group', 'the end of a group', '32 bits']

/** Puts the fields of a message into words, in the order of the bytes. */
export function describeFields(
  { fields, flaw }: Scanned,
  spec: MessageSpec,
): { fields: InspectedField[]; flaws: Flaw[] } {
  const flaws: Flaw[] = []
  const seen = new Set<number>()
  const described = fields.slice(0, MAX_DESCRIBED).map((field) => {
    const { name, text, value, flaws: own } = describe(field, spec[field.number], seen)
    flaws.push(...own)
    return {
      offset: field.offset,
      lengthBytes: field.end - field.offset,
      number: field.number,
      name,
      text,
      value,
    }
  })
  if (fields.length > MAX_DESCRIBED) {
    flaws.push(
      noteAt(`${fields.length - MAX_DESCRIBED} fields more are not shown`, fields[MAX_DESCRIBED]!.offset),
    )
  }
  if (flaw !== undefined) flaws.push(flaw)
  return { fields: described, flaws }
}

function describe(
  field: ScannedField,
  spec: FieldSpec | undefined,
  seen: Set<number>,
): Required<Shown> & { name: string } {
  const { number, offset, wireType, content } = field
  const plain = asItIs(content)
  if (spec === undefined) {
    const flaw = noteAt(`field ${number} is unknown here, and passed over`, offset)
    return { name: 'unknown', ...plain, flaws: [flaw] }
  }
  const { name } = spec
  const expected = spec.wire === 'varint' ? WIRE.varint : WIRE.bytes
  if (wireType !== expected) {
    const got = WIRE_NAMES[wireType] ?? 'another type'
    const wanted = spec.wire === 'varint' ? 'a varint' : 'bytes'
    const flaw = errorAt(`field ${number} (${name}) is ${got}, expected ${wanted}: it is passed over`, offset)
    return { name, ...plain, flaws: [flaw] }
  }
  const again = seen.has(number) && spec.repeated !== true
  seen.add(number)
  const shown = spec.wire === 'varint' ? spec.show(content as Uint64) : spec.show(content as Uint8Array)
  return {
    name,
    text: shown.text,
    value: shown.value,
    flaws: [
      ...(again
        ? [noteAt(`field ${number} (${name}) stands here once more: the last one counts`, offset)]
        : []),
      ...(shown.flaws ?? []).map((flaw) => ({ ...flaw, offset })),
    ],
  }
}

function asItIs(content: ScannedField['content']): { text: string; value: FieldValue } {
  if (content === undefined) return { text: 'not shown', value: null }
  return content instanceof Uint8Array ? bytesShown(content) : numberShown(content)
}

/** Any number. */
export function numberShown(content: Uint64): Shown {
  return { text: String(content), value: numberValue(content) }
}

/** Any bytes. */
export function bytesShown(content: Uint8Array): Shown {
  return { text: shownBytes(content), value: hexOf(content) }
}

/** Text that should be UTF-8. */
export function textShown(content: Uint8Array): Shown {
  const text = decodeText(content)
  if (text.isWellFormed()) return { text: text === '' ? 'empty' : shownText(text), value: text }
  return {
    text: shownBytes(content),
    value: { hex: hexOf(content) },
    flaws: [noteAt('is no UTF-8: members of this library take it all the same, others may not')],
  }
}
