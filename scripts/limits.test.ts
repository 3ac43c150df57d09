import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parseDoc } from './doc-comments.ts'
import { checkLimits } from './limits.ts'

const options = `
/** Options of {@link queue}. */
export interface QueueOptions {
  /**
   * Items that wait,
   * of \`a | b\`.
   * @limit One more is refused.
   * @default 1_000
   */
  maxWaiting?: number
  /** Time for an answer, ms. @limit It is {@link given} up. @default 30_000 */
  readonly timeoutMs?: number | undefined
  /** Bytes of each. @limit A longer one is refused. */
  maxBytes: number
  /** Random bytes. @default crypto */
  randomBytes?: (length: number) => Uint8Array
  /** Its name. @default none */
  label?: string
}
`

describe('the check of limits', () => {
  let root: string

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'limits-'))
    put('packages/queue/package.json', {
      name: '@reliable-channels/queue',
      version: '0.0.0',
      exports: { '.': { '@reliable-channels/source': './src/index.ts', default: './dist/index.js' } },
    })
    put('packages/queue/src/index.ts', `export type { QueueOptions } from './queue.ts'\n`)
    put('packages/queue/src/queue.ts', options)
  })

  afterEach(() => rmSync(root, { recursive: true, force: true }))

  const put = (path: string, content: string | object): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), typeof content === 'string' ? content : JSON.stringify(content))
  }
  const write = (): string[] => checkLimits(root, { write: true }).problems
  const check = (): string[] => checkLimits(root).problems
  const page = (): string => readFileSync(join(root, 'LIMITS.md'), 'utf8')

  it('writes a row for each limit, and is content with the page that it wrote', () => {
    expect(write()).toEqual([])
    expect(page()).toContain(
      [
        '### [`QueueOptions`](packages/queue/src/queue.ts)',
        '',
        'Options of `queue`.',
        '',
        '| option | what is limited | default | at the limit |',
        '| --- | --- | --- | --- |',
        '| `maxWaiting` | Items that wait, of `a \\| b`. | 1_000 | One more is refused. |',
        '| `timeoutMs` | Time for an answer, ms. | 30_000 | It is `given` up. |',
        '| `maxBytes` | Bytes of each. | must be given | A longer one is refused. |',
        '',
      ].join('\n'),
    )
    expect(page()).not.toMatch(/randomBytes|label/)
    expect(check()).toEqual([])
  })

  it('fails when there is no page', () => {
    expect(check()).toEqual([
      expect.stringContaining('LIMITS.md: is not what the docstrings say from line 1 on'),
    ])
  })

  it('fails when a default, or what happens, has changed since the page was written', () => {
    for (const [before, after] of [
      ['@default 1_000', '@default 2_000'],
      ['One more is refused.', 'The oldest goes.'],
    ] as const) {
      put('packages/queue/src/queue.ts', options)
      write()
      put('packages/queue/src/queue.ts', options.replace(before, after))
      expect(check()).toEqual([expect.stringMatching(/^LIMITS\.md: .*maxWaiting/)])
    }
  })

  it('fails when a limit was added or removed since the page was written', () => {
    write()
    put('packages/queue/src/queue.ts', options.replace(/ {2}\/\*\* Time.*\n.*\n/, ''))
    expect(check()).toHaveLength(1)
    expect(write()).toEqual([])
    expect(page()).not.toContain('timeoutMs')
  })

  it.each([
    ['no @limit', / @limit A longer.*? \*\//, ' */'],
    ['nothing behind @limit', '@limit A longer one is refused.', '@limit'],
    ['no sentence behind @limit', 'A longer one is refused.', 'refused'],
  ])('fails when an option that is named like a limit has %s', (_, before, after) => {
    put('packages/queue/src/queue.ts', options.replace(before, after))
    expect(write()).toEqual([
      'packages/queue/src/queue.ts:14: QueueOptions.maxBytes is a limit; say behind @limit, in a sentence, what happens at it',
    ])
  })

  it('fails when an optional limit has no default', () => {
    put('packages/queue/src/queue.ts', options.replace(' @default 30_000', ''))
    expect(write()).toEqual([
      'packages/queue/src/queue.ts:12: QueueOptions.timeoutMs is a limit without @default',
    ])
  })

  it.each([
    ['a pattern', 'const { maxWaiting = 1_000, timeoutMs = 5_000 } = {} as QueueOptions'],
    ['a choice', 'declare const o: QueueOptions; const timeoutMs = o.timeoutMs ?? 5 * 10 ** 3'],
    ['a table', 'const QUEUE_DEFAULTS = { maxWaiting: 1_000, timeoutMs: 4_999 + 1 } as const'],
  ])('fails when the code takes another default, in %s', (_, code) => {
    put('packages/queue/src/defaults.ts', code)
    expect(write()).toEqual([
      'packages/queue/src/queue.ts:12: QueueOptions.timeoutMs says @default 30_000, and the code takes 5000',
    ])
  })

  it('looks at types that an exported one is made of, and at no others', () => {
    const parts = `interface PartOptions { /** Parts. @default 1 */ maxParts?: number }\n`
    put('packages/queue/src/parts.ts', `export ${parts}`)
    expect(write()).toEqual([])
    put(
      'packages/queue/src/queue.ts',
      options.replace('QueueOptions {', 'QueueOptions extends PartOptions {'),
    )
    expect(write()).toEqual([expect.stringContaining('PartOptions.maxParts is a limit')])
  })

  it('does not take limits as they were settled for options', () => {
    const settled = `export interface Limits { readonly maxWaiting: number }\n`
    put('packages/queue/src/queue.ts', `${options}${settled}`)
    put('packages/queue/src/index.ts', `export type { QueueOptions, Limits } from './queue.ts'\n`)
    expect(write()).toEqual([])
    put('packages/queue/src/queue.ts', `${options}${settled.replace('maxWaiting', 'maxWaiting?')}`)
    expect(write()).toEqual([
      expect.stringContaining('Limits.maxWaiting is a limit'),
      expect.anything(),
      expect.anything(),
    ])
  })

  it('lists constants that say what happens, with their value', () => {
    put(
      'packages/queue/src/most.ts',
      `/** Names that are kept. @limit The oldest is forgotten. */\nconst MAX_NAMES = 2 ** 4\nconst MAX_OTHERS = 3\n`,
    )
    expect(write()).toEqual([])
    expect(page()).toContain(
      '| [`MAX_NAMES`](packages/queue/src/most.ts) | Names that are kept. | 2 ** 4 | The oldest is forgotten. |',
    )
    expect(page()).not.toContain('MAX_OTHERS')
  })

  it('names the packages that have no limits, and leaves out what is not published', () => {
    put('packages/bare/package.json', { name: '@reliable-channels/bare', version: '0.0.0' })
    put('packages/own/package.json', { name: '@reliable-channels/own', version: '0.0.0', private: true })
    write()
    expect(page()).toMatch(/## Packages without limits\n\n`bare`\.\n$/)
  })
})

describe('a documentation comment', () => {
  it('is a text and its tags; a package that it names is none', () => {
    const { text, tags } = parseDoc('* Of `@waku/sdk` or @waku/core\n   * here. @limit Stops. @default 3 ')
    expect([text, ...tags]).toEqual([
      'Of `@waku/sdk` or @waku/core here.',
      ['limit', 'Stops.'],
      ['default', '3'],
    ])
  })
})
