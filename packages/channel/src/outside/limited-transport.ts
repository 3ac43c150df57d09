import type { Transport } from '@reliable-channels/transport'
import { withinLimit } from '@reliable-channels/stage'
import { type Patience, iterateWithin, waitFor } from './wait-limits.ts'

/** Nothing depends on leaving a topic: it is not waited for any longer, ms. */
const LEAVE_MS = 2_000

declare const limited: unique symbol

/** A transport whose calls but `send` answer within a limit or have failed. */
export interface LimitedTransport extends Transport {
  /** There is no such field: it keeps the compiler from taking any other transport. */
  readonly [limited]: true
}

/**
 * The same transport, whose calls answer within a limit or have failed, but for `send`: whoever dispatches waits for the
 * outcome as well. A subscription that comes about too late is ended again.
 */
export function limitedTransport(transport: Transport, patience: Patience): LimitedTransport {
  const { events$, hashes$, messages$, connection$, connectionProblem$, maxMessageBytes, outcomeWithinMs } =
    transport
  const answering: Transport = {
    events$,
    messages$,
    connection$,
    maxMessageBytes,
    ...(hashes$ && { hashes$ }),
    ...(connectionProblem$ && { connectionProblem$ }),
    ...(outcomeWithinMs !== undefined && { outcomeWithinMs }),
    send: (envelope) => transport.send(envelope),
    subscribe: (topic) =>
      waitFor(
        patience,
        'transportMs',
        'transport.subscribe',
        () => transport.subscribe(topic),
        () => void transport.unsubscribe(topic).catch(() => {}),
      ),
    unsubscribe: (topic) =>
      withinLimit(() => transport.unsubscribe(topic), {
        what: 'transport.unsubscribe',
        limitMs: Math.min(patience.limits.transportMs, LEAVE_MS),
        scheduler: patience.scheduler,
        report: patience.report,
      }),
    ...(transport.fetch && {
      fetch: (hashes, options) =>
        iterateWithin(patience, 'transportMs', 'transport.fetch', transport.fetch!(hashes, options)),
    }),
    ...(transport.history && {
      history: (query) =>
        iterateWithin(patience, 'transportMs', 'transport.history', transport.history!(query)),
    }),
  }
  return answering as LimitedTransport
}
