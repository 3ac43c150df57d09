import type { ReliableChannel } from '../src/index.ts'

/** How much a channel has dropped for each reason, without the reasons that never came up. */
export function dropped({ drops }: Pick<ReliableChannel, 'drops'>): Record<string, number> {
  return Object.fromEntries(Object.entries(drops).filter(([, count]) => count > 0))
}
