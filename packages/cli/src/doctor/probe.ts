import { randomBytes } from 'node:crypto'
import { withinLimit } from '@reliable-channels/stage'
import type { Transport, TransportEvent } from '@reliable-channels/transport'
import { equalBytes } from '@reliable-channels/wire'
import { filter, firstValueFrom, map, timer } from 'rxjs'
import type { Diagnosis } from './diagnosis.ts'

/** Longest wait for the network to take a message, and for it to come back or be found, ms. @limit The check has failed. */
const SEND_MS = 20_000
const ECHO_MS = 10_000
/** Times that a store is asked for it, and the time between, ms: it takes a moment to be kept. */
const STORE_TRIES = 5
const STORE_WAIT_MS = 1_000
const PROBE_BYTES = 32

/** What a message told that was sent to nobody. */
export interface Probed {
  readonly findings: readonly Diagnosis[]
  /** Whether a store kept it; `undefined` where there is none, or it never left. */
  readonly isKept: boolean | undefined
}

/** Sends a message to nobody, and looks what becomes of it: whether it is taken, delivered and kept. */
export async function probe(
  transport: Transport,
  contentTopic: string,
  signal: AbortSignal,
): Promise<Probed> {
  const payload = new Uint8Array(randomBytes(PROBE_BYTES))
  const waitFor = <T>(what: string, limitMs: number, work: Promise<T>): Promise<T> =>
    withinLimit(work, { what, limitMs, signal })
  const findings: Diagnosis[] = []
  await waitFor('subscribing', SEND_MS, transport.subscribe(contentTopic))
  const started = performance.now()
  const echo$ = transport.messages$.pipe(
    filter((message) => message.contentTopic === contentTopic && equalBytes(message.payload, payload)),
    map(() => performance.now() - started),
  )
  const echoed = firstValueFrom(echo$, { defaultValue: undefined }).catch(() => undefined)
  try {
    const ended = await send(transport, contentTopic, payload, waitFor)
    if (typeof ended === 'string') {
      findings.push({
        check: 'sending',
        verdict: 'failed',
        message: `a message was not taken: ${ended}`,
        hint: 'Try other service nodes, or look into the log of this one.',
      })
      return { findings, isKept: undefined }
    }
    findings.push({
      check: 'sending',
      verdict: 'ok',
      message: `a message was taken after ${secondsSince(started)}`,
    })
    // Later it comes from a store, which the transport asks for what nobody delivered.
    findings.push(echoFinding(await waitFor('the echo', ECHO_MS, echoed).catch(() => undefined)))
    signal.throwIfAborted()
    const memory = await lookUp(transport, ended.hash, signal)
    findings.push(memory.finding)
    return { findings, isKept: memory.isKept }
  } finally {
    await waitFor('unsubscribing', ECHO_MS, transport.unsubscribe(contentTopic)).catch(() => {})
  }
}

type Limited = <T>(what: string, limitMs: number, work: Promise<T>) => Promise<T>

/** Its hash, or why it was not taken. */
async function send(
  transport: Transport,
  contentTopic: string,
  payload: Uint8Array<ArrayBuffer>,
  waitFor: Limited,
): Promise<{ readonly hash: string } | string> {
  const early: TransportEvent[] = []
  const watch = transport.events$.subscribe((event) => early.push(event))
  try {
    const requestId = await waitFor(
      'sending',
      SEND_MS,
      transport.send({ contentTopic, payload, ephemeral: false }),
    )
    const isEnd = (event: TransportEvent): boolean =>
      event.requestId === requestId && event.type !== 'message-propagated'
    const end =
      early.find(isEnd) ??
      (await waitFor('the outcome', SEND_MS, firstValueFrom(transport.events$.pipe(filter(isEnd)))))
    return end.type === 'message-error' ? end.error : { hash: end.hash }
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  } finally {
    watch.unsubscribe()
  }
}

async function hasAny(messages: AsyncIterable<unknown>): Promise<boolean> {
  for await (const message of messages) {
    void message
    return true
  }
  return false
}

function echoFinding(afterMs: number | undefined): Diagnosis {
  const check = 'receiving'
  if (afterMs !== undefined)
    return { check, verdict: 'ok', message: `it came back after ${seconds(afterMs)}` }
  return {
    check,
    verdict: 'failed',
    message: 'it did not come back',
    hint: 'The service nodes take messages and deliver none: try others.',
  }
}

async function lookUp(
  transport: Transport,
  hash: string,
  signal: AbortSignal,
): Promise<{ readonly finding: Diagnosis; readonly isKept: boolean | undefined }> {
  const check = 'memory'
  if (transport.fetch === undefined) {
    return { finding: { check, verdict: 'unknown', message: 'the network has none' }, isKept: undefined }
  }
  for (let tries = 1; ; tries++) {
    try {
      const isKept = await withinLimit((limit) => hasAny(transport.fetch!([hash], { signal: limit })), {
        what: 'the memory',
        limitMs: SEND_MS,
        signal,
      })
      if (isKept) return { finding: { check, verdict: 'ok', message: 'a store has it' }, isKept }
    } catch (error) {
      signal.throwIfAborted()
      const message = `no store could be asked: ${error instanceof Error ? error.message : String(error)}`
      const hint =
        'What is said while somebody is away is lost to them, unless a member has it: add a node with a store.'
      return { finding: { check, verdict: 'warning', message, hint }, isKept: undefined }
    }
    if (tries === STORE_TRIES) break
    await firstValueFrom(timer(STORE_WAIT_MS))
  }
  return {
    finding: {
      check,
      verdict: 'warning',
      message: 'no store has it',
      hint: 'The clock is off (see below), or the service nodes keep nothing.',
    },
    isKept: false,
  }
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`
const secondsSince = (started: number): string => seconds(performance.now() - started)
