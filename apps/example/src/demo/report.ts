import type { Outcome } from './outcome.ts'
import type { HeldBack } from './pace.ts'

/** The result as a table for people; `networkFacts` tell of the network, a name and a value each. */
export function formatResult(
  result: Outcome,
  networkFacts: readonly (readonly [name: string, value: string])[],
): string {
  const rows = [
    ['peer', 'role', 'bytes', 'SHA-256'],
    ...result.peers.map(({ name, role, bytes, sha256 }) => [
      name,
      role,
      bytes.toLocaleString('en'),
      sha256 ?? 'nothing arrived',
    ]),
  ]
  const { segments, network, traffic, seconds, status } = result
  const facts = [
    ['segments', String(segments)],
    ['messages sent', String(network.sent)],
    ['retransmissions', String(traffic.retransmission)],
    ['repairs', String(traffic.repair)],
    ['sync messages', String(traffic.sync)],
    ...networkFacts,
    ['time', `${seconds.toFixed(1)} s`],
    ['status', status],
  ]
  const verdict = result.ok ? 'every peer has the file, byte for byte' : `failed: ${result.reason}`
  return [table(rows), '', table(facts), '', verdict].join('\n')
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** Says that the rate limit holds messages back, and for how long. */
export function formatHeldBack({ messages, nextEpochAtMs }: HeldBack, nowMs: number): string {
  const seconds = Math.max(1, Math.ceil((nextEpochAtMs - nowMs) / 1000))
  return `${messages} ${messages === 1 ? 'message waits' : 'messages wait'} for the next epoch, in ${seconds} s`
}

const WIDTH = 30

/** One line that shows how far each peer is. */
export function formatProgress(
  parts: readonly { readonly name: string; readonly done: number; readonly total: number }[],
): string {
  return parts
    .map(({ name, done, total }) => {
      const share = total === 0 ? 0 : done / total
      const width = Math.round(WIDTH / parts.length)
      const filled = Math.floor(share * width)
      return `${name} ${'█'.repeat(filled)}${'░'.repeat(width - filled)} ${String(Math.floor(share * 100)).padStart(3)} %`
    })
    .join('  ')
}
