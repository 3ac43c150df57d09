import { beforeAll, describe, expect, it } from 'vitest'
import { type Finding, lintFiles } from './lint/lint-files.ts'

/** Things that a core file must not do, and the words of the rule that catches each. */
const violations: Record<string, { source: string; caughtBy: string }> = {
  'import of rxjs': { source: `import { map } from 'rxjs'\nexport const f: unknown = map`, caughtBy: 'rxjs' },
  'type import of rxjs': {
    source: `import type { Observable } from 'rxjs'\nexport type F = Observable<number>`,
    caughtBy: 'rxjs',
  },
  'import of a part of rxjs': {
    source: `import { TestScheduler } from 'rxjs/testing'\nexport const f: unknown = TestScheduler`,
    caughtBy: 'rxjs/testing',
  },
  'import of a node: module': {
    source: `import { readFileSync } from 'node:fs'\nexport const f: unknown = readFileSync`,
    caughtBy: 'node:fs',
  },
  'Date.now': { source: `export const f = (): number => Date.now()`, caughtBy: `'Date'` },
  'new Date': { source: `export const f = (): number => new Date().getTime()`, caughtBy: `'Date'` },
  performance: { source: `export const f = (): number => performance.now()`, caughtBy: `'performance'` },
  setTimeout: {
    source: `export const f = (g: () => void): unknown => setTimeout(g, 1)`,
    caughtBy: `'setTimeout'`,
  },
  setInterval: {
    source: `export const f = (g: () => void): unknown => setInterval(g, 1)`,
    caughtBy: `'setInterval'`,
  },
  setImmediate: {
    source: `export const f = (g: () => void): unknown => setImmediate(g)`,
    caughtBy: `'setImmediate'`,
  },
  queueMicrotask: {
    source: `export const f = (g: () => void): void => queueMicrotask(g)`,
    caughtBy: `'queueMicrotask'`,
  },
  'Math.random': {
    source: `export const f = (): number => Math.random()`,
    caughtBy: 'Take randomness as an argument',
  },
  'Math.random, taken apart': {
    source: `export const f = (): number => { const { random } = Math; return random() }`,
    caughtBy: 'Take randomness as an argument',
  },
  crypto: { source: `export const f = (): string => crypto.randomUUID()`, caughtBy: `'crypto'` },
  console: { source: `export const f = (): void => console.log('x')`, caughtBy: `'console'` },
  process: { source: `export const f = (): unknown => process.env`, caughtBy: `'process'` },
  fetch: { source: `export const f = (): unknown => fetch('x')`, caughtBy: `'fetch'` },
  'the global object, a way around': {
    source: `export const f: unknown = globalThis`,
    caughtBy: `'globalThis'`,
  },
  'an async function': {
    source: `export async function f(): Promise<void> {}`,
    caughtBy: 'A core file is synchronous',
  },
  'an async arrow': {
    source: `export const f = async (): Promise<void> => {}`,
    caughtBy: 'A core file is synchronous',
  },
  await: { source: `await 0\nexport const f = 1`, caughtBy: 'A core file is synchronous' },
  'for await': {
    source: `export const f = 1\nfor await (const x of []) void x`,
    caughtBy: 'A core file is synchronous',
  },
  'a dynamic import': {
    source: `export const f = (): unknown => import('./g.ts')`,
    caughtBy: 'A core file is synchronous',
  },
}

describe('the purity rule for core files', () => {
  const pathOf = (index: number): string => `packages/some/src/core/case-${index}.ts`
  let findings: readonly Finding[]

  beforeAll(() => {
    const sources = Object.values(violations).map(({ source }, index) => [pathOf(index), source] as const)
    findings = lintFiles({
      ...Object.fromEntries(sources),
      'packages/some/src/core/pure.ts': `export function roundUp(value: number, now: number): number {\n  return Math.ceil(value) + now\n}`,
      'packages/some/src/core/pure.test.ts': violations['setTimeout']!.source,
      'packages/some/src/operator.ts': violations['setTimeout']!.source,
    })
  })

  it.each(Object.keys(violations).map((name, index) => ({ name, index })))(
    'catches $name',
    ({ name, index }) => {
      const found = findings.filter((finding) => finding.filename === pathOf(index))
      expect(found.map(({ message, help }) => `${message} ${help ?? ''}`).join('\n')).toContain(
        violations[name]!.caughtBy,
      )
    },
  )

  it('leaves a pure core file, its test and an operator alone', () => {
    const names = ['core/pure.ts', 'core/pure.test.ts', 'operator.ts'].map(
      (name) => `packages/some/src/${name}`,
    )
    expect(findings.filter((finding) => names.includes(finding.filename))).toEqual([])
  })
})
