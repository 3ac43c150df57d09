import { MalformedBytes, VarintWriter } from '@reliable-channels/wire'

/** Why an entry of the store was passed over. */
export const UNREADABLE = 'not a record of this version'

const float = new DataView(new ArrayBuffer(8))
const floatBytes = new Uint8Array(float.buffer)

/** Writes a stored record: its values one after the other, numbers with the most significant byte first. */
export class RecordWriter extends VarintWriter {
  uint16(value: number): this {
    return this.byte(value >> 8).byte(value)
  }

  float64(value: number): this {
    float.setFloat64(0, value)
    return this.raw(floatBytes)
  }
}

/** Reads what a {@link RecordWriter} wrote, within {@link readRecord}. */
export class RecordReader {
  readonly #record: Uint8Array
  readonly #view: DataView
  #at = 0

  constructor(record: Uint8Array) {
    this.#record = record
    this.#view = new DataView(record.buffer, record.byteOffset, record.byteLength)
  }

  byte(): number {
    return this.#view.getUint8(this.#pass(1))
  }

  uint16(): number {
    return this.#view.getUint16(this.#pass(2))
  }

  float64(): number {
    return this.#view.getFloat64(this.#pass(8))
  }

  /** The next bytes, as a view of the record. */
  view(length: number): Uint8Array {
    const start = this.#pass(length)
    return this.#record.subarray(start, this.#at)
  }

  /** All that is left, as a view of the record. */
  rest(): Uint8Array {
    return this.view(this.#record.length - this.#at)
  }

  #pass(length: number): number {
    const start = this.#at
    if (start + length > this.#record.length) throw new MalformedBytes(UNREADABLE)
    this.#at += length
    return start
  }
}

/** Reads a record; `undefined` when it is shorter than it must be, or `read` says that it is none. */
export function readRecord<T>(
  record: Uint8Array,
  read: (reader: RecordReader) => T | undefined,
): T | undefined {
  try {
    return read(new RecordReader(record))
  } catch (error) {
    if (error instanceof MalformedBytes) return undefined
    throw error
  }
}
