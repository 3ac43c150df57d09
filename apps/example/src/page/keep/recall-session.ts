import { fromAddress } from '../address.ts'
import { type Session, openSession } from '../session.ts'
import { keeper } from './keeper.ts'

/** Goes on with the conversation that is kept, unless the address names another preset or seed. */
export async function recallSession(search: string): Promise<Session> {
  const asked = fromAddress(search)
  const past = await keeper.recall()
  const query = new URLSearchParams(search)
  const isOther =
    (query.has('preset') && past?.page.preset !== asked.preset.id) ||
    (query.has('seed') && past?.page.world.settings.seed !== asked.settings.seed)
  if (past === undefined || isOther) return openSession(asked)
  query.set('preset', past.page.preset)
  const { preset, settings } = fromAddress(query.toString())
  const { seed, partition, wrongKey } = past.page.world.settings
  try {
    return await openSession({ preset, settings: { ...settings, seed, partition, wrongKey }, past })
  } catch (error) {
    // A newer page may not be able to go on from what an older one has kept.
    console.warn('the kept conversation cannot go on, and another one begins:', error)
    return openSession(asked)
  }
}
