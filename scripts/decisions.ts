import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PROJECT_ROOT, SCOPE, publishedPackages } from './project.ts'

const FILE = 'DECISIONS.md'
/** Stands for what concerns tools and tests rather than a package. */
const PROJECT = 'project'

/** One entry of the list. */
interface Decision {
  /** As `48` or `48a`. */
  readonly id: string
  readonly title: string
  readonly packages: readonly string[]
}

const ENTRY = /^## (?<heading>(?<id>\d+[a-z]?)\. (?<title>.+))$(?<body>[^]*?)(?=^## |$(?![^]))/gm
const INDEX = /(?<=^<!-- index -->\n)[^]*?(?=^<!-- \/index -->$)/m

/**
 * Brings the index by package on top of `text` up to date, and says what keeps it from being complete.
 *
 * @param packages The names that an entry may give behind `Packages`, in the order of the index.
 */
export function indexDecisions(
  text: string,
  packages: readonly string[],
): { text: string; problems: string[] } {
  const problems: string[] = []
  const decisions = [...text.matchAll(ENTRY)].map(({ groups }): Decision => {
    const { id, title, body } = groups as { id: string; title: string; body: string }
    const named = /^- \*\*Packages\*\*: (?<names>.+)$/m.exec(body)?.groups?.['names']?.split(', ') ?? []
    if (named.length === 0) problems.push(`decision ${id} says no - **Packages**: after its status`)
    for (const name of named)
      if (!packages.includes(name)) problems.push(`decision ${id}: no package ${name}`)
    return { id, title, packages: named }
  })
  for (const [i, { id }] of decisions.entries()) {
    const before = decisions[i - 1]?.id
    if (before !== undefined && placeOf(id) <= placeOf(before))
      problems.push(`decision ${id} stands after ${before}`)
  }
  if (!INDEX.test(text)) problems.push('no place for the index: <!-- index --> and <!-- /index -->')
  return { text: text.replace(INDEX, indexOf(decisions, packages)), problems }
}

/** Numbers in order, and the parts of an entry that was split behind it. */
const placeOf = (id: string): number =>
  Number.parseInt(id) + (id.codePointAt(id.search(/[a-z]|$/)) ?? 0) / 1_000

function indexOf(decisions: readonly Decision[], packages: readonly string[]): string {
  const lines = packages.flatMap((name) => {
    const own = decisions.filter((decision) => decision.packages.includes(name))
    if (own.length === 0) return []
    return [
      '',
      `**${name}**`,
      '',
      ...own.map(({ id, title }) => `- [${id}. ${title}](#${slug(`${id}. ${title}`)})`),
    ]
  })
  return [...lines, '', ''].join('\n')
}

/** The anchor that a heading gets. */
function slug(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(/\s/g, '-')
}

function main(): void {
  const write = process.argv.includes('--write')
  const path = join(PROJECT_ROOT, FILE)
  const packages = publishedPackages(PROJECT_ROOT).map(({ manifest }) => manifest.name.slice(SCOPE.length))
  const before = readFileSync(path, 'utf8')
  const { text, problems } = indexDecisions(before, [...packages, PROJECT])
  if (write) writeFileSync(path, text)
  else if (text !== before)
    problems.push('its index is out of date; npx pnpm@12 exec node scripts/decisions.ts --write')
  for (const problem of problems) console.log(`${FILE}: ${problem}`)
  if (problems.length > 0) process.exitCode = 1
}

if (import.meta.main) main()
