/** Resolves when the event loop is done with what it does now. */
export const endOfTurn: () => Promise<undefined> =
  typeof setImmediate === 'function'
    ? () => new Promise((resolve) => setImmediate(() => resolve(undefined)))
    : createMessageTurns()

/** Browsers delay timers by milliseconds, but not messages. */
export function createMessageTurns(): () => Promise<undefined> {
  let channel: MessageChannel | undefined
  const waiting: (() => void)[] = []
  return () =>
    new Promise((resolve) => {
      if (channel === undefined) {
        channel = new MessageChannel()
        channel.port1.onmessage = () => waiting.shift()?.()
      }
      waiting.push(() => resolve(undefined))
      channel.port2.postMessage(undefined)
    })
}
