import type { Case } from './case.ts'
import { burst } from './cases/burst.ts'
import { group } from './cases/group.ts'
import { growth } from './cases/growth.ts'
import { idle } from './cases/idle.ts'
import { large } from './cases/large.ts'
import { many } from './cases/many.ts'
import { opening } from './cases/opening.ts'
import { payload } from './cases/payload.ts'
import { soak } from './cases/soak.ts'
import { stored } from './cases/stored.ts'

/** All cases, in the order in which they are run. */
export const cases: readonly Case[] = [
  many,
  idle,
  opening,
  large,
  payload,
  burst,
  group,
  stored,
  growth,
  soak,
]
