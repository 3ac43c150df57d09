import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { sourceFiles } from '../../../scripts/project.ts'
import { createHolders } from './holders.ts'
import { type Ledger, completed, ledgerProblems } from './ledger.ts'
import { sentencesOf } from './sentences.ts'

/** The page at the root of the project has a ledger too. */
const FRONT = 'README'
const pathOf = (page: string): string => (page === FRONT ? 'README.md' : `docs/pages/${page}.md`)

/** How the ledgers of a site's pages stand. */
export interface ClaimsFound {
  readonly problems: readonly string[]
  /** Sentences that are held. */
  readonly count: number
  /** Pages whose sentences nobody has looked at yet: their ledger is `"pending"`. */
  readonly pending: readonly string[]
}

/**
 * Compares each page below `docs/pages`, and the README, with its ledger below `docs/claims`.
 *
 * @param isWritten Tells the pages, as `guides/chat`, whose ledgers get the sentences that they lack first.
 */
export function checkClaims(root: string, isWritten: (page: string) => boolean = () => false): ClaimsFound {
  const problems: string[] = []
  const pending: string[] = []
  let count = 0
  const holders = createHolders(root)
  const pathsIn = (folder: string, ending: string): string[] =>
    sourceFiles(join(root, folder), `**/*${ending}`).map((path) => path.slice(0, -ending.length))

  const pages = [FRONT, ...pathsIn('docs/pages', '.md')].filter((page) =>
    existsSync(join(root, pathOf(page))),
  )
  for (const page of pages) {
    const sentences = sentencesOf(readFileSync(join(root, pathOf(page)), 'utf8'))
    const file = join(root, `docs/claims/${page}.json`)
    if (isWritten(page)) complete(file, sentences)
    const ledger = readLedger(file)
    if (ledger === undefined) problems.push(`${pathOf(page)} has no docs/claims/${page}.json`)
    else if (ledger === 'pending') pending.push(page)
    else {
      count += sentences.length
      for (const problem of ledgerProblems(sentences, ledger, holders))
        problems.push(`docs/claims/${page}.json: ${problem}`)
    }
  }
  for (const page of pathsIn('docs/claims', '.json'))
    if (!pages.includes(page)) problems.push(`docs/claims/${page}.json is of no page`)
  return { problems, count, pending }
}

function readLedger(file: string): Ledger | 'pending' | undefined {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Ledger | 'pending') : undefined
}

function complete(file: string, sentences: readonly string[]): void {
  const ledger = readLedger(file) ?? 'pending'
  mkdirSync(dirname(file), { recursive: true })
  const whole = completed(sentences, ledger === 'pending' ? {} : ledger)
  writeFileSync(file, `${JSON.stringify(whole, undefined, 2)}\n`)
}
