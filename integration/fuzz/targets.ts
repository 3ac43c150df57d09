import type { FuzzTarget } from './target.ts'
import { inspectTargets } from './targets/inspecting.ts'
import { letterTargets } from './targets/letters.ts'
import { liveTargets } from './targets/live.ts'
import { recordTargets } from './targets/records.ts'
import { sdsTargets } from './targets/sds.ts'
import { sealedTargets } from './targets/sealed.ts'
import { segmentTargets } from './targets/segments.ts'
import { wakuTargets } from './targets/waku.ts'

/** All that takes bytes from the network, or from a disk. */
export const targets: readonly FuzzTarget[] = [
  ...segmentTargets,
  ...sdsTargets,
  ...sealedTargets,
  ...wakuTargets,
  ...letterTargets,
  ...inspectTargets,
  ...recordTargets,
  ...liveTargets,
]
