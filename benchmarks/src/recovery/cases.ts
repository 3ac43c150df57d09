import type { Case } from './case.ts'
import { a } from './cases/a.ts'
import { b } from './cases/b.ts'
import { c } from './cases/c.ts'
import { d } from './cases/d.ts'
import { e } from './cases/e.ts'
import { f } from './cases/f.ts'
import { g } from './cases/g.ts'
import { h } from './cases/h.ts'
import { i } from './cases/i.ts'

/** All cases, in the order of the list of goals. */
export const cases: readonly Case[] = [a, b, ...c, d, e, f, ...g, ...h, ...i]
