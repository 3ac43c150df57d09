import type { ConnectionProblem, Transport } from '@reliable-channels/transport'
import { GaveUpWaitingError, withinLimit } from '@reliable-channels/stage'
import { EMPTY, delay, filter, firstValueFrom, merge, take, tap } from 'rxjs'
import { CliError } from '../cli-error.ts'
import { EXIT } from '../exit-codes.ts'
import type { Output } from '../output.ts'

/** Longest wait for service nodes, ms. @limit The command ends with 3. */
const CONNECT_MS = 30_000
/** Longest wait once it is known what is wrong, ms: it may pass. @limit The command ends with 3, and says what it is. */
const PROBLEM_MS = 8_000

/** Waits until messages can flow, and says meanwhile what is in the way. */
export async function untilConnected(
  { connection$, connectionProblem$ }: Pick<Transport, 'connection$' | 'connectionProblem$'>,
  description: string,
  signal: AbortSignal,
  output: Output,
): Promise<void> {
  let problem: ConnectionProblem | undefined
  const isConnected$ = connection$.pipe(filter((state) => state === 'connected'))
  const problem$ = connectionProblem$ ?? EMPTY
  const isHopeless$ = problem$.pipe(
    filter((next) => next !== undefined),
    tap((next) => {
      problem = next
      output.status(`connecting to ${description}: ${next.message}`)
    }),
    take(1),
    delay(PROBLEM_MS),
  )
  const connected = firstValueFrom(merge(isConnected$, isHopeless$))
  try {
    const end = await withinLimit(connected, { what: description, limitMs: CONNECT_MS, signal })
    if (end !== 'connected') throw unreachable(description, problem)
  } catch (error) {
    throw error instanceof GaveUpWaitingError ? unreachable(description, problem, error) : error
  } finally {
    output.status(undefined)
  }
}

function unreachable(description: string, problem: ConnectionProblem | undefined, cause?: unknown): CliError {
  // As the option is called here.
  const known = problem?.message.replaceAll('"networkConfig"', '--cluster and --shards')
  const message = known ?? `${description} did not answer within ${CONNECT_MS / 1000} s`
  return new CliError(message, {
    exitCode: EXIT.network,
    hint: 'rc doctor looks into it, step by step.',
    cause,
  })
}
