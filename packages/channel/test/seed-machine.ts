import type { Envelope, TransportEvent } from '@reliable-channels/transport'
import type { Observable } from 'rxjs'
import type { Bench, Machine, Outcome } from './hazards.ts'

interface Entry {
  readonly requestId: string
  readonly bytes: Uint8Array
  messagingId: string | undefined
  state: 'awaiting' | 'in-flight' | 'confirmed' | 'failed'
}

/**
 * A fixture, not a channel: the send state machine of the mission's document with its hazards, so that the tests of
 * those hazards are seen to fail. An index is held across awaits, frames are matched by position, the number of
 * segments is not known, outcomes that come early are lost, and own error events come back in.
 */
export function seedMachine({ encrypt, send, outcomes$, batches$, chunk }: Bench): Machine {
  const outcomes: Outcome[] = []
  let pending: Entry[] = []
  let requests = 0

  const prune = (): void => {
    const open = new Set(pending.filter(({ state }) => !isFinal(state)).map(({ requestId }) => requestId))
    const failed = new Set(
      pending.filter(({ state }) => state === 'failed').map(({ requestId }) => requestId),
    )
    const emitted = new Set<string>()
    for (const { requestId } of pending) {
      if (open.has(requestId) || emitted.has(requestId)) continue
      emitted.add(requestId)
      outcomes.push({ requestId, outcome: failed.has(requestId) ? 'error' : 'sent' })
    }
    pending = pending.filter(({ requestId }) => open.has(requestId))
  }

  const conclude = (messagingId: string, state: 'confirmed' | 'failed'): void => {
    for (const entry of pending) {
      if (entry.state === 'in-flight' && entry.messagingId === messagingId) entry.state = state
    }
    prune()
  }

  /** The channel's own error events reach its own listener. */
  const reportError = (requestId: string): void => conclude(requestId, 'failed')

  const onReadyToSend = async (batch: readonly Uint8Array[]): Promise<void> => {
    let index = 0
    for (const bytes of batch) {
      while (index < pending.length && pending[index]!.state !== 'awaiting') index++
      if (index >= pending.length) break
      const { requestId } = pending[index]!
      let sealed: Uint8Array<ArrayBuffer>
      try {
        const result = encrypt(bytes)
        sealed = new Uint8Array(result instanceof Promise ? await result : result)
      } catch {
        reportError(requestId)
        pending[index]!.state = 'failed'
        index++
        continue
      }
      const messagingId = await send({
        contentTopic: '/seed',
        payload: sealed,
        ephemeral: false,
      } satisfies Envelope)
      pending[index]!.messagingId = messagingId
      pending[index]!.state = 'in-flight'
      index++
    }
    prune()
  }

  listen(outcomes$, conclude)
  batches$.subscribe((batch) => {
    onReadyToSend(batch).catch((error: unknown) => outcomes.push({ requestId: '', outcome: String(error) }))
  })
  return {
    outcomes,
    async send(payload) {
      const requestId = `seed-${requests++}`
      for (let start = 0; start < payload.length; start += chunk) {
        const bytes = payload.subarray(start, start + chunk)
        pending.push({ requestId, bytes, messagingId: undefined, state: 'awaiting' })
        batches$.enqueue(bytes)
      }
      return requestId
    },
  }
}

function listen(
  outcomes$: Observable<TransportEvent>,
  conclude: (messagingId: string, state: 'confirmed' | 'failed') => void,
): void {
  outcomes$.subscribe((event) => {
    if (event.type === 'message-sent') conclude(event.requestId, 'confirmed')
    if (event.type === 'message-error') conclude(event.requestId, 'failed')
  })
}

const isFinal = (state: Entry['state']): boolean => state === 'confirmed' || state === 'failed'
