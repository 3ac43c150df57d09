import { ChannelOptionError } from '../check-options.ts'
import { ChannelClosedError } from '../closed-error.ts'
import { QueueFullError } from '../sending/queue-full-error.ts'
import { SendFailedError } from '../sending/send-handle.ts'
import type { TabError } from './messages.ts'

/** An error as it goes to another tab. */
export function packError(error: unknown): TabError {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) }
  const { name, message, code, certain } = error as Error & { code?: unknown; certain?: unknown }
  return {
    name,
    message,
    ...(typeof code === 'string' && { code }),
    ...(typeof certain === 'boolean' && { certain }),
  }
}

const KINDS: Readonly<Record<string, new (message: string) => Error>> = {
  ERR_CHANNEL_CLOSED: ChannelClosedError,
  ERR_CHANNEL_OPTION: ChannelOptionError,
  ERR_QUEUE_FULL: QueueFullError,
}

/** The error that came from another tab: of its class where that is one of the channel's, and with its name and code. */
export function unpackError({ name, message, code = '', certain }: TabError): Error {
  if (code === 'ERR_SEND_FAILED') return new SendFailedError(message, { certain: certain ?? true })
  const Kind = Object.hasOwn(KINDS, code) ? KINDS[code] : undefined
  if (Kind !== undefined) return new Kind(message)
  const error = Object.assign(new Error(message), code !== '' && { code })
  Object.defineProperty(error, 'name', { value: name })
  return error
}
