import { existsSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { packageOf, parseSource } from './imports.ts'
import { PROJECT_ROOT, type Package, publishedPackages } from './project.ts'
import { type Stale, findQuotes } from './readme-examples.ts'

/** A README says what it needs this early, in lines. */
const TOP_LINES = 30

/** The packages that a README has its reader install: what follows the name in its `npm install` lines, `''` mostly. */
export function installedBy(readme: string): ReadonlyMap<string, string> {
  const lines = [...readme.matchAll(/^```(?:sh|console|bash)\n([^]*?)^```$/gm)].flatMap(([, block = '']) =>
    block.split('\n'),
  )
  const words = lines.flatMap((line) => {
    const [, list = ''] = /^(?:\$ )?npm (?:install|i) ([^#]*)/.exec(line) ?? []
    return list.split(/\s+/).filter((word) => word !== '' && !word.startsWith('-'))
  })
  return new Map(
    words.map((word) => {
      const at = word.indexOf('@', 1)
      return at < 0 ? [word, ''] : [word.slice(0, at), word.slice(at + 1)]
    }),
  )
}

/**
 * Says where the README of a package shows what its reader cannot run with what it had them install, as strict package
 * managers count it, and where it does not say at its top which Node.js it needs.
 */
export function needsProblems(root: string, { folder, manifest }: Package): Stale[] {
  const path = posix.join(folder, 'README.md')
  const readme = readFileSync(join(root, path), 'utf8')
  const installed = installedBy(readme)
  const problems: Stale[] = []
  if (!installed.has(manifest.name)) problems.push({ at: path, problem: `does not install ${manifest.name}` })
  for (const peer of Object.keys(manifest.peerDependencies ?? {})) {
    const isOptional = manifest.peerDependenciesMeta?.[peer]?.optional === true
    if (!isOptional && !installed.has(peer))
      problems.push({ at: path, problem: `does not install ${peer}, a peer dependency` })
  }
  const node = /\d[\d.]*/.exec(manifest.engines?.node ?? '')?.[0]
  const top = readme.split('\n').slice(0, TOP_LINES).join(' ')
  if (node !== undefined && !top.includes(`Node.js ${node}`))
    problems.push({
      at: path,
      problem: `does not say in its first ${TOP_LINES} lines that it needs Node.js ${node}`,
    })
  for (const quote of findQuotes(readme)) {
    const file = join(root, folder, quote.path)
    if (quote.kind !== 'example' || !quote.path.startsWith('examples/') || !existsSync(file)) continue
    for (const { specifier } of parseSource(file, readFileSync(file, 'utf8')).imports) {
      const name = packageOf(specifier)
      if (name !== undefined && !installed.has(name))
        problems.push({
          at: `${path}:${quote.line}`,
          problem: `${quote.path} needs ${name}, which it does not install`,
        })
    }
  }
  return problems
}

/** A newcomer reads the README of the project to its end. */
const MAX_LINES = 120

/** Says what is wrong with the README of the project: that it is too long, or names not all packages. */
export function overviewProblems(readme: string, members: readonly Package[]): string[] {
  const lines = readme.trimEnd().split('\n').length
  return [
    ...(lines > MAX_LINES
      ? [`has ${lines} lines, at most ${MAX_LINES}: move some to a README of a package`]
      : []),
    ...members
      .filter(({ folder }) => !readme.includes(`](${folder})`))
      .map(({ manifest }) => `does not name ${manifest.name}`),
  ]
}

function main(): void {
  const members = publishedPackages(PROJECT_ROOT).filter(({ folder }) =>
    existsSync(join(PROJECT_ROOT, folder, 'README.md')),
  )
  const problems = members.flatMap((member) => needsProblems(PROJECT_ROOT, member))
  const overview = readFileSync(join(PROJECT_ROOT, 'README.md'), 'utf8')
  for (const problem of overviewProblems(overview, publishedPackages(PROJECT_ROOT)))
    problems.push({ at: 'README.md', problem })
  for (const { at, problem } of problems) console.log(`${at}: ${problem}`)
  console.log(`${members.length} READMEs say what they need`)
  if (problems.length > 0) process.exitCode = 1
}

if (import.meta.main) main()
