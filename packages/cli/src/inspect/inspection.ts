/** Something that is wrong with a frame, or worth a look. */
export interface Flaw {
  /** `error`: a receiver drops it, or this part of it. `note`: it is taken all the same. */
  readonly severity: 'error' | 'note'
  /** One sentence. */
  readonly message: string
  /** Where in the layer, bytes from its start. */
  readonly offset?: number
}

/** One field of a layer. */
export interface InspectedField {
  /** Bytes from the start of the layer. */
  readonly offset: number
  /** With its tag and length. */
  readonly lengthBytes: number
  /** Its number, where fields have numbers. */
  readonly number?: number
  readonly name: string
  /** For people: one line, with nothing in it that steers a terminal. */
  readonly text: string
  /** For programs: bytes in hexadecimal, numbers beyond 2⁵³ as decimal text. */
  readonly value: FieldValue
}

/** What a field holds, as JSON has it. */
export type FieldValue =
  | string
  | number
  | boolean
  | null
  | { readonly [name: string]: FieldValue }
  | readonly FieldValue[]

/** What a layer is. */
export type LayerKind = 'waku-message' | 'sealed' | 'sds' | 'segment' | 'payload' | 'unknown'

/** One layer of a frame, field by field. */
export interface InspectedLayer {
  readonly kind: LayerKind
  /** `SDS message, dialect lip` */
  readonly title: string
  readonly lengthBytes: number
  readonly fields: readonly InspectedField[]
  readonly flaws: readonly Flaw[]
}

/** A frame, the outermost layer first. */
export interface Inspection {
  readonly layers: readonly InspectedLayer[]
  /** Whether no layer has an error: as far as one frame tells, a receiver takes it. */
  readonly isSound: boolean
}

/** Makes an error at a place. */
export function errorAt(message: string, offset?: number): Flaw {
  return { severity: 'error', message, ...(offset !== undefined && { offset }) }
}

/** Makes a note at a place. */
export function noteAt(message: string, offset?: number): Flaw {
  return { severity: 'note', message, ...(offset !== undefined && { offset }) }
}
