import { beforeAll, describe, expect, it } from 'vitest'
import { type Finding, lintFiles } from './lint/lint-files.ts'

/** Each in a function that has `store` and `node`, whose methods return promises. */
const waits: Record<string, { line: string; isReported: boolean }> = {
  'a method of the store': { line: `await store.get('key')`, isReported: true },
  'a store that something holds': { line: `await node.store.close()`, isReported: true },
  'one whose failure is caught': { line: `await store.close().catch(() => {})`, isReported: true },
  'one that may be missing': { line: `await node.transport?.close()`, isReported: true },
  'entries one by one': { line: `for await (const entry of store.entries('')) void entry`, isReported: true },
  'a store by another name': { line: `await disk.get('key')`, isReported: true },
  'a promise that was kept': { line: `const got = store.get('key'); await got`, isReported: true },
  'what a store has returned': {
    line: `const listing = store.entries(''); await listing[Symbol.asyncIterator]().next()`,
    isReported: true,
  },
  'one of several': { line: `await Promise.all([node.idle(), store.close()])`, isReported: true },
  'a store by an alias': { line: `const other = store; await other.get('key')`, isReported: true },
  'an alias of an alias': {
    line: `const other = node.store; const third = other; await third.get('key')`,
    isReported: true,
  },
  'a store that was taken out of something': {
    line: `const { store: own } = node; await own.get('key')`,
    isReported: true,
  },
  'a method that was taken out of it': { line: `const { get } = store; await get('key')`, isReported: true },
  'a method that was kept': {
    line: `const get = store.get.bind(store); await get('key')`,
    isReported: true,
  },
  'a store by another type': { line: `await (store as unknown as Parts).idle()`, isReported: true },
  'several at once': {
    line: `await Promise.all(['a', 'b'].map((key) => store.get(key)))`,
    isReported: true,
  },
  'a function that asks': { line: `const read = () => store.get('key'); await read()`, isReported: true },
  'one that is asked on the spot': {
    line: `await (async () => { const got = store.get('key'); return got })()`,
    isReported: true,
  },
  'a promise around it': {
    line: `await new Promise((resolve) => void store.get('key').then(resolve))`,
    isReported: true,
  },
  'one that is chosen': { line: `await (node.transport ?? store).close()`, isReported: true },
  'one of two': { line: `await (node.transport ? node.idle() : store.close())`, isReported: true },
  'what an asynchronous function returns': {
    line: `const read = async () => store.get('key'); void read`,
    isReported: true,
  },
  'an alias of what has a limit': {
    line: `const other = limited; await other.get('key')`,
    isReported: false,
  },
  'one within a limit in another': {
    line: `await withinLimit(async () => void (await store.get('key')))`,
    isReported: false,
  },
  'a store that answers within a limit': { line: `await limited.get('key')`, isReported: false },
  'what has such a store': { line: `await limitedParts.store.get('key')`, isReported: false },
  'a wait that has a limit': { line: `await withinLimit(() => store.get('key'))`, isReported: false },
  'a promise of our own': { line: `await node.idle()`, isReported: false },
  'a call that nobody waits for': { line: `void store.get('key')`, isReported: false },
}

const head = `
interface Store { get(key: string): Promise<unknown>; close(): Promise<void>; entries(prefix: string): AsyncIterable<unknown> }
type LimitedStore = Store
interface Parts { store: Store; transport?: Store; idle(): Promise<void> }
declare function withinLimit<T>(work: () => Promise<T>): Promise<T>
`

// F3, F20.
describe('the rule that waits for others have a limit', () => {
  const names = Object.keys(waits)
  const pathOf = (name: string): string => `packages/stage/src/case-${names.indexOf(name)}.ts`
  let findings: readonly Finding[]

  beforeAll(() => {
    findings = lintFiles(
      Object.fromEntries(
        names.map((name) => [
          pathOf(name),
          `${head}export async function wait(store: Store, disk: Store, limited: LimitedStore, node: Parts, limitedParts: Parts): Promise<void> {\n  ${waits[name]!.line}\n  void [store, disk, limited, node, limitedParts, withinLimit]\n}`,
        ]),
      ),
    )
  })

  it.each(names)('judges %s', (name) => {
    const found = findings.filter(({ filename }) => filename === pathOf(name))
    const isReported = found.some(({ message }) => message.includes('withinLimit'))
    expect(isReported, found.map(({ message }) => message).join()).toBe(waits[name]!.isReported)
  })
})
