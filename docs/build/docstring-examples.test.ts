import { describe, expect, it } from 'vitest'
import { PROJECT_ROOT } from '../../scripts/project.ts'
import { checkExamples, docstringExamples, examplesIn } from './docstring-examples.ts'

const source = `
/**
 * Adds.
 *
 * @param a One.
 * @example
 * \`\`\`ts
 * add(1)
 * \`\`\`
 * @throws nothing
 */
export function add(a: number): number

  /** Text. @default 1 */
  b: number

/**
 * @example
 * sum(2)
 */
export const sum = 1
`

describe('the examples of docstrings', () => {
  it('are found with the line that they are at, fenced or not', () => {
    expect(examplesIn('a.ts', source)).toEqual([
      { at: 'a.ts:6', code: 'add(1)', isJsx: false },
      { at: 'a.ts:18', code: 'sum(2)', isJsx: false },
    ])
  })

  it('compile, all of them, as somebody would write them', () => {
    const examples = docstringExamples(PROJECT_ROOT)
    expect(examples.length).toBeGreaterThan(50)
    const wrong = [
      { at: 'wrong.ts:1', code: `const sent = channel.send('text')`, isJsx: false },
      { at: 'wrong.ts:2', code: `const gone = await openTunnel({ transport })`, isJsx: false },
    ]
    expect(
      checkExamples(PROJECT_ROOT, [...examples, ...wrong]).map(({ at, problem }) => `${at}: ${problem}`),
    ).toEqual([
      expect.stringContaining('wrong.ts:1'),
      'wrong.ts:2: calls openTunnel, which no package exports',
    ])
  })
})
