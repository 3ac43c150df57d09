import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { PROJECT_ROOT } from '../../../scripts/project.ts'
import { checkClaims } from './pages.ts'

const PAGE = '# Tea\n\nA pot holds\ntwo **cups**. Pour [slowly](pour.md).\n'
const TEST = "describe('a pot', () => { it('holds two cups', () => {}) })"
const HOLDER = 'pot.test.ts › a pot › holds two cups'

describe('the ledger of a page', () => {
  let root: string

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'claims-'))
    put('docs/pages/tea.md', PAGE)
    put('pot.test.ts', TEST)
  })

  afterEach(() => rmSync(root, { recursive: true, force: true }))

  function put(path: string, text: string): void {
    mkdirSync(join(root, dirname(path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  const problemsWith = (ledger: unknown): readonly string[] => {
    put('docs/claims/tea.json', JSON.stringify(ledger))
    return checkClaims(root).problems.map((problem) => problem.replace('docs/claims/tea.json: ', ''))
  }
  const problemsOf = (holder: string): readonly string[] =>
    problemsWith({ 'A pot holds two cups.': [holder], 'Pour slowly.': 'instruction' })

  it('says of each sentence which test holds it, or why it needs none', () => {
    expect(problemsOf(HOLDER)).toEqual([])
    expect(checkClaims(root)).toEqual({ problems: [], count: 2 })
  })

  it('is there for each page', () => {
    expect(checkClaims(root).problems).toEqual(['docs/pages/tea.md has no docs/claims/tea.json'])
  })

  it('is of a page', () => {
    put('docs/claims/milk.json', '{}')
    expect(checkClaims(root).problems).toContain('docs/claims/milk.json is of no page')
  })

  it('is asked of the README of the project too', () => {
    put('README.md', '# Pots\n\nTea is near.\n')
    expect(problemsOf(HOLDER)).toEqual(['README.md has no docs/claims/README.json'])
    put('docs/claims/README.json', '{ "Tea is near.": "signpost" }')
    expect(problemsOf(HOLDER)).toEqual([])
  })

  it('has each sentence as it is now, and no other', () => {
    expect(problemsWith({ 'A pot holds three cups.': [HOLDER], 'Pour slowly.': [] })).toEqual([
      'is not in the ledger: A pot holds two cups.',
      'nothing holds: Pour slowly.',
      'is no longer said: A pot holds three cups.',
    ])
  })

  it('knows few reasons, none of which excuses a figure', () => {
    put('docs/pages/tea.md', '# Tea\n\nIt steeps for 3 minutes. It is green.\n')
    expect(problemsWith({ 'It steeps for 3 minutes.': 'advice', 'It is green.': 'obvious' })).toEqual([
      'needs a test, not "advice": It steeps for 3 minutes.',
      '"obvious" is no reason, as signpost, instruction, advice, definition, outside are: It is green.',
    ])
  })

  it('names files and tests that exist', () => {
    expect(problemsOf('cup.test.ts › a pot › holds two cups')).toEqual(['there is no cup.test.ts'])
    expect(problemsOf('pot.test.ts › holds two cups')).toEqual([
      'there is no test pot.test.ts › holds two cups',
    ])
    expect(problemsOf('pot.test.ts › a pot › holds')).toEqual([
      'there is no test pot.test.ts › a pot › holds',
    ])
  })

  it('names tests of tables by one of their cases, by their title as written, or with … in its holes', () => {
    put(
      'pot.test.ts',
      "describe.each(['iron'])('a pot of %s', () => { it.each([1_000])('holds $name of %i', () => {}); it(`is ${hot}`, () => {}) })",
    )
    expect(problemsOf('pot.test.ts › a pot of %s › holds $name of %i')).toEqual([])
    expect(problemsOf('pot.test.ts › a pot of iron › holds describe of 1000')).toEqual([])
    expect(problemsOf('pot.test.ts › a pot of iron › is hot')).toEqual([])
    expect(problemsOf('pot.test.ts › a pot of … › is …')).toEqual([])
    expect(problemsOf('pot.test.ts › a pot of clay › is hot')).toHaveLength(1)
  })

  it('names programs whose output a page shows', () => {
    put('pour.ts', '')
    expect(problemsOf('pour.ts')).toEqual(['no page shows what pour.ts prints: name a test of it'])
    put('docs/pages/tea.md', `${PAGE}\n<!-- output: ../../pour.ts -->\n\n\`\`\`text\n\`\`\`\n`)
    expect(problemsOf('pour.ts')).toEqual([])
  })

  it('is completed with what it lacks, and loses nothing', () => {
    put('docs/claims/tea.json', JSON.stringify({ 'Pour slowly.': 'instruction', 'Stir.': [HOLDER] }))
    checkClaims(root, (page) => page === 'tea')
    expect(Object.entries(JSON.parse(readFileSync(join(root, 'docs/claims/tea.json'), 'utf8')))).toEqual([
      ['A pot holds two cups.', []],
      ['Pour slowly.', 'instruction'],
      ['Stir.', [HOLDER]],
    ])
  })

  it('counts rows of tables, items and what stands in tags, but no headings, code or marks', () => {
    put(
      'docs/pages/tea.md',
      '# Tea\n\n- It is hot\n\n| what | how |\n| - | - |\n| pot | `big` |\n\n<ol><li><b>pour</b> it</li></ol>\n\n<!-- made: x -->\n\n```sh\nboil\n```\n',
    )
    expect(problemsWith({ 'It is hot': 'advice', 'pot | `big`': 'advice', 'pour it': 'advice' })).toEqual([])
  })

  it('has what the page takes from others, but not what has a ledger of its own or was measured', () => {
    put('POTS.md', '# Pots\n\n## Sizes\n\nA pot has a lid.\n')
    put('README.md', '# Pots\n\n## Near\n\nTea is near.\n')
    put('docs/claims/README.json', '{ "Tea is near.": "signpost" }')
    put('RUNTIMES.md', '# Where it runs\n\nIt took a while.\n')
    put(
      'docs/pages/tea.md',
      '# Tea\n\n<!-- include: ../../POTS.md#Sizes -->\n\n<!-- include: ../../README.md#Near -->\n\n<!-- include: ../../RUNTIMES.md#Where it runs -->\n',
    )
    expect(problemsWith({ 'A pot has a lid.': [HOLDER] })).toEqual([])
  })
})

describe('the pages', () => {
  it('say nothing that their ledgers do not say what holds it', () => {
    expect(checkClaims(PROJECT_ROOT).problems).toEqual([])
  })
})
