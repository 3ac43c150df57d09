import { expect, it } from 'vitest'
import { lintFiles } from './lint/lint-files.ts'

const CORE = 'packages/sds/src/core'

/** Sources that write a field which is not theirs, by file. */
const violations = {
  [`${CORE}/steps/assigns.ts`]: `export function f(state: { now: number }): void { state.now = 1 }`,
  [`${CORE}/steps/counts.ts`]: `export function f(state: { now: number }): void { state.now++ }`,
  [`${CORE}/state.ts`]: `export interface State { now: number }`,
  [`${CORE}/parts/open.ts`]: `export class Open { now = 1 }`,
}

it('finds a field of the state of SDS that another than its part can write, and a circle of types', () => {
  const findings = lintFiles({
    ...violations,
    [`${CORE}/parts/closed.ts`]: `export class Closed {\n  readonly max: number = 1\n  #now = 1\n  get now(): number {\n    return (this.#now += 1)\n  }\n}`,
    [`${CORE}/parts/a.ts`]: `import type { B } from './b.ts'\nexport interface A {\n  readonly b?: B\n}`,
    [`${CORE}/parts/b.ts`]: `import type { A } from './a.ts'\nexport interface B {\n  readonly a?: A\n}`,
  })
  const found = new Set(
    findings.map(({ filename }) => filename).filter((filename) => filename.startsWith(CORE)),
  )
  expect([...found].sort()).toEqual(
    [...Object.keys(violations), `${CORE}/parts/a.ts`, `${CORE}/parts/b.ts`].sort(),
  )
})

it('finds what is private for the compiler alone', () => {
  const findings = lintFiles({
    'packages/stage/src/open.ts': `export class Open {\n  private now = 1\n  tick(): number {\n    return this.now++\n  }\n}`,
    'packages/stage/src/closed.ts': `export class Closed {\n  #now = 1\n  tick(): number {\n    return this.#now++\n  }\n}`,
  })
  const found = findings.filter(({ message }) => message.includes('#name'))
  expect(found.map(({ filename }) => filename)).toEqual(['packages/stage/src/open.ts'])
})

it('finds `using`, which throws where the platform cannot dispose', () => {
  const opens = `declare function open(): Disposable & AsyncDisposable`
  const findings = lintFiles({
    'packages/stage/src/held.ts': `${opens}\nexport function f(): void {\n  using _ = open()\n}`,
    'packages/stage/src/awaited.ts': `${opens}\nexport async function f(): Promise<void> {\n  await using _ = open()\n}`,
    'packages/waku-devnet/examples/shown.ts': `${opens}\nusing _ = open()\nexport const made = 1`,
    'packages/stage/src/held.test.ts': `${opens}\nexport function f(): void {\n  using _ = open()\n}`,
  })
  const found = findings.filter(({ message }) => message.includes('dispose'))
  expect(found.map(({ filename }) => filename).sort()).toEqual([
    'packages/stage/src/awaited.ts',
    'packages/stage/src/held.ts',
    'packages/waku-devnet/examples/shown.ts',
  ])
})
