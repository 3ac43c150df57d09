import type { ChannelEvent } from './truth/receive.ts'

/** What happens too often to be read. */
const QUIET = new Set(['repair-requested', 'repair-sent', 'retransmitted', 'slow'])

/** What a channel tells, in words; `undefined` of what is not worth a line. */
export function inWords(event: ChannelEvent): string | undefined {
  if (event.type === 'diagnostic')
    return QUIET.has(event.code) ? undefined : `${event.code} ${describe(event.detail)}`
  if (event.type === 'reliable:message:progress') return undefined
  return `${event.type} ${'requestId' in event ? event.requestId : ''}`
}

function describe(detail: unknown): string {
  return JSON.stringify(detail, (_, value: unknown) =>
    value instanceof Uint8Array ? `${value.length} B` : value,
  )?.slice(0, 200)
}
