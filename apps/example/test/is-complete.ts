import type { Model } from '../src/page/model/model.ts'
import { PEERS } from '../src/page/world/settings.ts'

/** Whether every message has reached everybody but its author. */
export const isComplete = ({ entries }: Model): boolean =>
  [...entries.values()].every(({ author, heardAtMs }) =>
    PEERS.every((peer) => peer === author || heardAtMs.has(peer)),
  )
