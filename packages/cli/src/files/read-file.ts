import { readFile, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { CliError } from '../cli-error.ts'
import { sha256Of } from './sha256.ts'
import { whyUnreadable } from './why-unreadable.ts'

/** A file that is to be sent. */
export interface FileToSend {
  readonly name: string
  readonly bytes: Uint8Array
  /** Hexadecimal. */
  readonly sha256: string
}

/** Reads a file that is to be sent, all of it: what is larger than any message is refused before. */
export async function readFileToSend(path: string, maxBytes: number): Promise<FileToSend> {
  let bytes: Uint8Array
  try {
    const { size } = await stat(path)
    if (size > maxBytes) throw tooLarge(path, size, maxBytes)
    bytes = await readFile(path)
  } catch (cause) {
    if (cause instanceof CliError) throw cause
    throw new CliError(`cannot read ${path}: ${whyUnreadable(cause)}`, {
      hint: 'Name a file that can be read.',
      cause,
    })
  }
  return { name: basename(path), bytes, sha256: sha256Of(bytes) }
}

function tooLarge(path: string, size: number, maxBytes: number): CliError {
  const [is, most] = [size, maxBytes].map((bytes) => `${(bytes / 1_000_000).toFixed(1)} MB`)
  return new CliError(`${path} has ${is}, and one message carries ${most} at most`, {
    hint: 'Split it: split -b 20M FILE; cat puts the parts together again.',
  })
}
