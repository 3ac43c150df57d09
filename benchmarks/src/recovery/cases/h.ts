import type { Case } from '../case.ts'
import { chat } from '../chat.ts'
import { mean, total } from '../figures.ts'

/** A lively chat, in which what is said acknowledges what was said before. */
export const h: readonly Case[] = [10, 50].map((members) => ({
  id: 'H',
  title: `a message a second, ${members} members, loss 0.02`,
  seeds: members < 50 ? 4 : 1,
  run: (seed, say) => chat({ members, messages: 120, everyS: 1, loss: 0.02 }, { seed, say }),
  figures: [
    mean('frames', '/message', { atMost: 1.3, bound: 1 }),
    mean('delivered p50', 's'),
    mean('delivered p95', 's'),
    total('failed', 'messages', { atMost: 0 }),
  ],
}))
