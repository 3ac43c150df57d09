import type { Case } from './case.ts'
import { a } from './cases/a.ts'
import { b } from './cases/b.ts'
import { c } from './cases/c.ts'
import { d } from './cases/d.ts'
import { demo } from './cases/demo.ts'
import { e } from './cases/e.ts'
import { f } from './cases/f.ts'
import { g } from './cases/g.ts'
import { h } from './cases/h.ts'
import { i } from './cases/i.ts'
import { j } from './cases/j.ts'
import { k } from './cases/k.ts'
import { l } from './cases/l.ts'
import { m } from './cases/m.ts'
import { m2 } from './cases/m2.ts'
import { n } from './cases/n.ts'
import { r } from './cases/r.ts'

/** All cases, in the order of the list of goals. */
export const cases: readonly Case[] = [
  a,
  b,
  ...c,
  d,
  e,
  f,
  ...g,
  ...h,
  ...i,
  ...j,
  k,
  ...l,
  ...m,
  m2,
  ...n,
  ...r,
  demo,
]
