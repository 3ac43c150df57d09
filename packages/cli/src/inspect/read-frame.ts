import { readFile, stat } from 'node:fs/promises'
import { parseHex } from '@reliable-channels/wire'
import { CliError, CommandLineError } from '../cli-error.ts'
import { whyUnreadable } from '../files/why-unreadable.ts'
import type { Host } from '../host.ts'

/** Longest input, bytes: more than any network carries. @limit It is refused. */
const MAX_INPUT_BYTES = 4 * 1024 * 1024

/** The bytes that an argument means: hexadecimal digits, a file, or `-` for stdin. */
export async function readFrame(argument: string, host: Host): Promise<Uint8Array> {
  const bytes = bytesOfHex(argument)
  if (bytes !== undefined) return bytes
  const input = argument === '-' ? await readStream(host) : await readInput(argument)
  return bytesOfHex(new TextDecoder().decode(input)) ?? input
}

/** Hexadecimal digits, with `0x` before and white space between, if one likes. */
function bytesOfHex(text: string): Uint8Array | undefined {
  const digits = text.replaceAll(/\s+/g, '').replace(/^0x/i, '').toLowerCase()
  return digits === '' ? undefined : parseHex(digits)
}

async function readInput(path: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(path)
    if (size > MAX_INPUT_BYTES) throw tooLong()
    return new Uint8Array(await readFile(path))
  } catch (error) {
    if (error instanceof CliError) throw error
    throw new CommandLineError(
      `${path === '' ? '""' : path} is neither hexadecimal digits, two for each byte, nor a file: ${whyUnreadable(error)}`,
      'Name a file, give digits such as 0a026d31, or - to read them from stdin.',
    )
  }
}

async function readStream({ stdin, signal }: Host): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  signal.throwIfAborted()
  signal.addEventListener('abort', () => stdin.destroy(signal.reason as Error), { once: true })
  for await (const chunk of stdin as AsyncIterable<Uint8Array | string>) {
    const bytes = typeof chunk === 'string' ? new TextEncoder().encode(chunk) : chunk
    length += bytes.length
    if (length > MAX_INPUT_BYTES) throw tooLong()
    chunks.push(bytes)
  }
  return new Uint8Array(Buffer.concat(chunks))
}

function tooLong(): CliError {
  return new CliError(`more than ${MAX_INPUT_BYTES} bytes are no frame`, { hint: 'Give one frame alone.' })
}
