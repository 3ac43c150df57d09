import { fromAddress } from './address.ts'
import { Keeper } from './keep/keeper.ts'
import { type Session, openSession } from './session.ts'

/** Opens what the address asks for: the conversation that is kept, unless another preset or seed is named. */
export async function firstSession(search: string): Promise<Session> {
  const asked = fromAddress(search)
  const keeper = new Keeper()
  const past = await keeper.recall()
  const query = new URLSearchParams(search)
  const isOther =
    (query.has('preset') && past?.page.preset !== asked.preset.id) ||
    (query.has('seed') && past?.page.world.settings.seed !== asked.settings.seed)
  if (past === undefined || isOther) return openSession({ ...asked, keeper })
  query.set('preset', past.page.preset)
  const { preset, settings } = fromAddress(query.toString())
  const { seed, partition, wrongKey } = past.page.world.settings
  try {
    const before = { ...settings, seed, partition, wrongKey }
    return await openSession({ preset, settings: before, keeper, past })
  } catch (error) {
    // A newer page may not be able to go on from what an older one has kept.
    console.warn('the kept conversation cannot go on, and another one begins:', error)
    return openSession({ ...asked, keeper })
  }
}
