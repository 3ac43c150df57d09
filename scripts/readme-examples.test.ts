import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { checkReadme, excerpt, findQuotes } from './readme-examples.ts'

const source = `const words: string[] = ['one']\n// #region print\nfor (const word of words) console.log(word)\n// #endregion\n`
const shown = `const words: string[] = ['one']\nfor (const word of words) console.log(word)\n`

const readmeOf = (example: string, output: string, mark = 'example: examples/a.ts'): string =>
  `# A\n\n<!-- ${mark} -->\n\n\`\`\`ts\n${example}\`\`\`\n\nPrints\n\n<!-- output: examples/a.ts -->\n\`\`\`text\n${output}\`\`\`\n\nend\n`

describe('the check of READMEs', () => {
  let root: string

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'readme-'))
    mkdirSync(join(root, 'p/examples'), { recursive: true })
    writeFileSync(join(root, 'p/examples/a.ts'), source)
  })

  afterEach(() => rmSync(root, { recursive: true, force: true }))

  const check = (readme: string, write = false): string[] => {
    writeFileSync(join(root, 'p/README.md'), readme)
    return checkReadme(root, 'p/README.md', { write }).map(({ at, problem }) => `${at}: ${problem}`)
  }

  it('is content with quotes that equal the file and what it prints', () => {
    expect(check(readmeOf(shown, 'one\n'))).toEqual([])
  })

  it('is content with a quoted region', () => {
    const region = 'for (const word of words) console.log(word)\n'
    expect(check(readmeOf(region, 'one\n', 'example: examples/a.ts#print'))).toEqual([])
  })

  it('says where the quoted source differs', () => {
    expect(check(readmeOf(shown.replace('one', 'two'), 'one\n'))).toEqual([
      `p/README.md:3: differs from examples/a.ts in line 1: README "const words: string[] = ['two']", expected "const words: string[] = ['one']"`,
    ])
  })

  it('says where the quoted output differs from what the example really prints', () => {
    expect(check(readmeOf(shown, 'two\n'))).toEqual([
      'p/README.md:12: differs from what examples/a.ts prints in line 1: README "two", expected "one"',
    ])
  })

  it('reports an example that is missing, that fails, or that lacks the region', () => {
    const quote = (what: string): string => `<!-- ${what} -->\n\`\`\`ts\n\`\`\`\n`
    writeFileSync(join(root, 'p/examples/b.ts'), `throw new Error('on purpose')`)
    const [missing, failing, lacking] = check(
      quote('example: examples/c.ts') + quote('output: examples/b.ts') + quote('example: examples/a.ts#none'),
    )
    expect(missing).toContain('ENOENT')
    expect(failing).toContain('on purpose')
    expect(lacking).toContain('has no region none')
  })

  it('brings the README up to date when asked to', () => {
    expect(check(readmeOf('old\n', 'old\nolder\n'), true)).toEqual([])
    expect(readFileSync(join(root, 'p/README.md'), 'utf8')).toBe(readmeOf(shown, 'one\n'))
  })

  it('refuses a marker that stands before no block', () => {
    expect(() => findQuotes('<!-- example: a.ts -->\n\ntext\n')).toThrow('1 markers, but 0 of them')
  })
})

describe('an excerpt', () => {
  it('of a whole file leaves the marks of regions out', () => {
    expect(excerpt(source)).toBe(shown)
  })

  it('of a region within a function stands at the margin', () => {
    const within = 'function f() {\n  // #region r\n  if (a)\n    b()\n\n  c()\n  // #endregion\n}\n'
    expect(excerpt(within, 'r')).toBe('if (a)\n  b()\n\nc()\n')
  })
})
