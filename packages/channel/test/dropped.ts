import type { ReliableChannel } from '../src/index.ts'

/** What a channel has dropped, without what it never did. */
export function dropped({ drops }: Pick<ReliableChannel, 'drops'>): Record<string, number> {
  return Object.fromEntries(Object.entries(drops).filter(([, count]) => count > 0))
}
