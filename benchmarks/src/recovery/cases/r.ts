import type { Case, Figure } from '../case.ts'
import { mean, quantile, total } from '../figures.ts'
import { receipts } from '../receipts.ts'

const MESSAGES = 10

/** Of the messages from one to another, in all runs. */
const waits = (
  name: string,
  { from, to, share }: Record<'from' | 'to' | 'share', number>,
  atMost?: number,
): Figure => ({
  name,
  unit: 's',
  of: (runs) =>
    quantile(
      runs.flatMap((run) => Array.from({ length: to - from }, (_, i) => run[`wait ${from + i}`]!)),
      share,
    ),
  ...(atMost !== undefined && { atMost }),
})

const first = { from: 0, to: 1 } as const
const later = { from: 1, to: MESSAGES } as const

/** Receipts of all: until the last of them is known to have a message, whatever was lost of it or of what was said of it. */
export const r: readonly Case[] = [0, 0.1, 0.2, 0.3].map((loss) => ({
  id: 'R',
  title: `receipts of 2 others, loss ${loss}`,
  seeds: 40,
  run: (seed, say) => receipts({ receivers: 2, messages: MESSAGES, loss }, { seed, say }),
  figures: [
    waits('first, p50', { ...first, share: 0.5 }),
    waits('first, p95', { ...first, share: 0.95 }, 8),
    waits('later, p50', { ...later, share: 0.5 }, 2.5),
    waits('later, p95', { ...later, share: 0.95 }, 8),
    waits('all, most', { from: 0, to: MESSAGES, share: 1 }),
    total('failed', 'messages', { atMost: 0 }),
    total('untrue', 'receipts', { atMost: 0 }),
    mean('frames', '/message', loss === 0 ? { bound: 3 } : {}),
    mean('frames in a minute', '/message'),
  ],
}))
