import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { sourceFiles } from '../../../scripts/project.ts'
import { withIncluded } from '../include.ts'
import { createHolders } from './holders.ts'
import { type Ledger, completed, ledgerProblems } from './ledger.ts'
import { sentencesOf } from './sentences.ts'

/** The page at the root of the project has a ledger too. */
const FRONT = 'README'
const pathOf = (page: string): string => (page === FRONT ? 'README.md' : `docs/pages/${page}.md`)

/** Sections of the README, and those with what was measured on some machine, each of which names the command that does it. */
const ELSEWHERE =
  /^<!-- include: (?:\.\.\/)+(?:README\.md#.*|RUNTIMES\.md#Where it runs|ARCHITECTURE\.md#What (?:a message costs|it weighs)) -->$/gm

/** How the ledgers of a site's pages stand. */
export interface ClaimsFound {
  readonly problems: readonly string[]
  /** Sentences of all pages. */
  readonly count: number
}

/**
 * Compares each page below `docs/pages`, and the README, with its ledger below `docs/claims`.
 *
 * @param isWritten Tells the pages, as `guides/chat`, whose ledgers get the sentences that they lack first.
 */
export function checkClaims(root: string, isWritten: (page: string) => boolean = () => false): ClaimsFound {
  const problems: string[] = []
  let count = 0
  const holders = createHolders(root)
  const pathsIn = (folder: string, ending: string): string[] =>
    sourceFiles(join(root, folder), `**/*${ending}`).map((path) => path.slice(0, -ending.length))

  const pages = [FRONT, ...pathsIn('docs/pages', '.md')].filter((page) =>
    existsSync(join(root, pathOf(page))),
  )
  for (const page of pages) {
    const sentences = sentencesOf(pageText(root, pathOf(page)))
    const file = join(root, `docs/claims/${page}.json`)
    if (isWritten(page)) complete(file, sentences)
    const ledger = readLedger(file)
    if (ledger === undefined) problems.push(`${pathOf(page)} has no docs/claims/${page}.json`)
    else {
      count += sentences.length
      for (const problem of ledgerProblems(sentences, ledger, holders))
        problems.push(`docs/claims/${page}.json: ${problem}`)
    }
  }
  for (const page of pathsIn('docs/claims', '.json'))
    if (!pages.includes(page)) problems.push(`docs/claims/${page}.json is of no page`)
  return { problems, count }
}

/** What a page says, with what it takes from others, but for what has a ledger there or is measured anew. */
function pageText(root: string, path: string): string {
  const text = readFileSync(join(root, path), 'utf8')
  return withIncluded(root, path, text.replaceAll(ELSEWHERE, ''))
}

function readLedger(file: string): Ledger | undefined {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Ledger) : undefined
}

function complete(file: string, sentences: readonly string[]): void {
  const ledger = completed(sentences, readLedger(file) ?? {})
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, `${JSON.stringify(ledger, undefined, 2)}\n`)
}
