import { CliError, InterruptedError } from './cli-error.ts'
import { EXIT } from './exit-codes.ts'

/** What to do about the errors of the packages below, by code; and how to end. */
const REMEDIES: Readonly<Record<string, { readonly exitCode?: number; readonly hint?: string }>> = {
  ERR_STORE_LOCKED: {
    exitCode: EXIT.data,
    hint: 'Another rc has this directory open: end it, or give each its own --data.',
  },
  ERR_STORE_OWNER: {
    exitCode: EXIT.data,
    hint: 'The directory is of another member: give --name as before, or another --data.',
  },
  ERR_STORE_LOAD: {
    exitCode: EXIT.data,
    hint: 'Look whether the directory can be written, or take another --data.',
  },
  ERR_STORE_VERSION: {
    exitCode: EXIT.data,
    hint: 'A newer rc wrote it: update this one, or take another --data.',
  },
  ERR_DEVNET_LISTEN: {
    exitCode: EXIT.network,
    hint: 'Another devnet runs, perhaps: reach it with --devnet, or take another --port.',
  },
  ERR_GAVE_UP_WAITING: { exitCode: EXIT.network },
  ERR_PLATFORM_TOO_OLD: {},
}

/** Any error as one that is told in a sentence. A bug stays what it is: with its stack, as `cause`. */
export function explainError(error: unknown, signal: AbortSignal): CliError {
  if (error instanceof CliError) return error
  // Whatever was under way fails when it is ended.
  if (signal.aborted) return signal.reason instanceof CliError ? signal.reason : new InterruptedError()
  if (!(error instanceof Error)) return new CliError(String(error))
  const code = (error as { readonly code?: unknown }).code
  const remedy = typeof code === 'string' ? REMEDIES[code] : undefined
  const message = firstLine(error.message)
  return new CliError(
    remedy === undefined && code === undefined ? `${message} (a bug: ${placeOf(error)})` : message,
    {
      ...remedy,
      cause: error,
    },
  )
}

const firstLine = (text: string): string => text.split('\n')[0] ?? ''

/** Where it was thrown, for the report of a bug. */
function placeOf({ stack = '' }: Error): string {
  return /^\s*at .*$/m.exec(stack)?.[0].trim() ?? 'nowhere'
}
