/** A receiver in a process of its own: waits for one file, tells what it gets, and ends with the process that started it. */
import { sha256Of } from '../outcome.ts'
import { countTraffic } from '../sending.ts'
import { type MemberOptions, openMember } from './member.ts'
import type { FromReceiver, ToReceiver } from './receiver.ts'

/** Longest time to close, ms. */
const CLOSE_MS = 5_000

const closing = Promise.withResolvers<void>()

function close(): void {
  closing.resolve()
  setTimeout(() => process.exit(1), CLOSE_MS).unref()
}

function tell(message: FromReceiver): void {
  if (process.connected) process.send!(message)
}

async function receive(options: MemberOptions): Promise<void> {
  await using member = await openMember(options)
  const { channel } = member
  const traffic = countTraffic([channel])
  channel.events$.subscribe((event) => {
    if (event.type === 'reliable:message:progress') {
      tell({ type: 'progress', held: event.held, needed: event.needed })
    }
  })
  channel.incoming$.subscribe(({ payload }) =>
    tell({ type: 'received', bytes: payload.length, sha256: sha256Of(payload) }),
  )
  tell({ type: 'opened' })
  await closing.promise
  tell({ type: 'traffic', traffic })
}

process.on('message', (message: ToReceiver) => {
  if (message.type === 'close') return close()
  receive(message.options)
    .catch((error: unknown) => {
      tell({ type: 'failed', reason: error instanceof Error ? error.message : String(error) })
      process.exitCode = 1
    })
    .finally(() => process.disconnect?.())
})
process.on('disconnect', close)
// Ctrl-C reaches both processes; the other one closes this one.
process.on('SIGINT', () => {})
