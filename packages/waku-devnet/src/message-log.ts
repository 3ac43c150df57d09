import { mkdir, open, readFile, rename, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import { crc32 } from 'node:zlib'

import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire'

/** A message as it lies on disk. */
export interface LoggedMessage {
  readonly pubsubTopic: string
  readonly bytes: Uint8Array
}

/** The file of a node's store could not be read or written. */
export class DevnetStoreError extends Error {
  override readonly name = 'DevnetStoreError'
  readonly code = 'ERR_DEVNET_STORE'
}

/** Length and CRC-32 of the record that follows, both big-endian. */
const HEADER_BYTES = 8

/**
 * The messages of one node in a file: records one after another, written in order, the whole rewritten
 * now and then. A record that was cut off by a crash ends the file.
 */
export class MessageLog {
  readonly #path: string
  #file: FileHandle | undefined
  #writing: Promise<void> = Promise.resolve()
  #failure: unknown
  #bytes = 0

  constructor(path: string) {
    this.#path = path
  }

  /** Bytes in the file. */
  get size(): number {
    return this.#bytes
  }

  /** Messages in the file; none if there is none yet. */
  async read(): Promise<LoggedMessage[]> {
    try {
      return decodeRecords(await readFile(this.#path))
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return []
      throw new DevnetStoreError(`cannot read the store file ${this.#path} (${codeOf(error)})`, {
        cause: error,
      })
    }
  }

  /** Replaces the file by these messages and keeps it open for more. */
  rewrite(messages: readonly LoggedMessage[]): Promise<void> {
    const records = messages.map(encodeRecord)
    this.#bytes = records.reduce((sum, record) => sum + record.length, 0)
    this.#enqueue(async () => {
      await mkdir(dirname(this.#path), { recursive: true })
      const draft = await open(`${this.#path}.new`, 'w')
      if (records.length > 0) await draft.writev(records)
      await draft.sync()
      await rename(`${this.#path}.new`, this.#path)
      await this.#file?.close()
      this.#file = draft
    })
    return this.#settled()
  }

  /** Adds one message; a failure shows when the file is closed. */
  append(message: LoggedMessage): void {
    const record = encodeRecord(message)
    this.#bytes += record.length
    this.#enqueue(async () => {
      await this.#file?.write(record)
    })
  }

  /** Waits for what is being written and closes the file. */
  async close(): Promise<void> {
    this.#enqueue(async () => {
      const file = this.#file
      this.#file = undefined
      await file?.close()
    })
    await this.#settled()
  }

  #enqueue(work: () => Promise<void>): void {
    this.#writing = this.#writing.then(work).catch((error: unknown) => {
      this.#failure ??= error
    })
  }

  async #settled(): Promise<void> {
    await this.#writing
    if (this.#failure === undefined) return
    throw new DevnetStoreError(`cannot write the store file ${this.#path} (${codeOf(this.#failure)})`, {
      cause: this.#failure,
    })
  }
}

function encodeRecord({ pubsubTopic, bytes }: LoggedMessage): Uint8Array {
  const body = new BinaryWriter()
    .tag(1, WireType.LengthDelimited)
    .string(pubsubTopic)
    .tag(2, WireType.LengthDelimited)
    .bytes(bytes)
    .finish()
  const record = Buffer.alloc(HEADER_BYTES + body.length)
  record.writeUInt32BE(body.length, 0)
  record.writeUInt32BE(crc32(body), 4)
  record.set(body, HEADER_BYTES)
  return record
}

function decodeRecords(file: Buffer): LoggedMessage[] {
  const messages: LoggedMessage[] = []
  let at = 0
  while (at + HEADER_BYTES <= file.length) {
    const end = at + HEADER_BYTES + file.readUInt32BE(at)
    const body = file.subarray(at + HEADER_BYTES, end)
    if (end > file.length || crc32(body) !== file.readUInt32BE(at + 4)) break
    messages.push(decodeBody(body))
    at = end
  }
  return messages
}

function decodeBody(body: Uint8Array): LoggedMessage {
  const reader = new BinaryReader(body)
  reader.tag()
  const pubsubTopic = reader.string()
  reader.tag()
  return { pubsubTopic, bytes: reader.bytes() }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error)
}
