import type { Case } from '../case.ts'
import { chat } from '../chat.ts'
import { mean, total } from '../figures.ts'

/** A chat in which nobody is in a hurry: what each message costs the quota. */
export const g: readonly Case[] = [3, 10, 50, 100].map((members) => ({
  id: 'G',
  title: `a message each 10 s, ${members} members, loss 0.02`,
  seeds: members < 50 ? 4 : 1,
  run: (seed, say) => chat({ members, messages: 60, everyS: 10, loss: 0.02 }, { seed, say }),
  figures: [
    mean('frames', '/message', { atMost: 2.3 }),
    mean('delivered p50', 's', { atMost: 'as before' }),
    mean('delivered p95', 's', { atMost: 'as before' }),
    total('failed', 'messages', { atMost: 0 }),
  ],
}))
