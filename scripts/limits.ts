import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { type Declarations, type TypeDeclaration, readDeclarations } from './doc-comments.ts'
import { type Package, PROJECT_ROOT, SCOPE, publishedPackages, sourceFiles } from './project.ts'

const PAGE = 'LIMITS.md'

/** Options with such names are limits, and say what happens at them. */
const LIMIT_NAME = /^max[A-Z]|^concurrency$|(?:Ms|Bytes|PerSecond|PerEpoch)$/
/** The types whose properties are options; of `…Limits` only what may be left out, since the others hold what was settled. */
const OPTIONS_NAME = /Options$/
const LIMITS_NAME = /Limits$/

/** One limit. */
interface Limit {
  readonly name: string
  readonly text: string
  /** The default of an option; the value of a constant. */
  readonly value: string
  readonly happens: string
}

/** The limits of one type of options, or the fixed ones of a file. */
interface Group {
  /** The type; `undefined` for constants. */
  readonly type?: string
  readonly text: string
  readonly file: string
  readonly limits: readonly Limit[]
}

/** The limits of one package. */
interface PackageLimits {
  readonly name: string
  readonly folder: string
  readonly groups: readonly Group[]
}

/** The page of limits that the docstrings of a workspace make, and where they say too little. */
export interface LimitsFound {
  readonly page: string
  readonly problems: readonly string[]
  readonly count: number
}

/** Finds the limits of the published packages of the workspace at `root`. */
export function findLimits(root: string): LimitsFound {
  const problems: string[] = []
  const packages = publishedPackages(root).map((member) => limitsOf(root, member, problems))
  const count = packages.flatMap(({ groups }) => groups.flatMap(({ limits }) => limits)).length
  return { page: pageOf(packages), problems, count }
}

function limitsOf(root: string, { folder, manifest }: Package, problems: string[]): PackageLimits {
  const files = new Map(
    sourceFiles(join(root, folder), 'src/**/*.{ts,tsx}')
      .filter((path) => !/\.(test|bench|generated)\.tsx?$/.test(path))
      .map((path) => [path, readDeclarations(path, readFileSync(join(root, folder, path), 'utf8'))] as const),
  )
  const published = publicTypes(files, entries(root, { folder, manifest }))
  const defaults = new Map<string, Set<number>>()
  for (const { name, value } of [...files.values()].flatMap((file) => file.defaults)) {
    defaults.set(name, (defaults.get(name) ?? new Set()).add(value))
  }
  const groups: Group[] = []
  for (const [path, { types, constants }] of files) {
    const file = posix.join(folder, path)
    const problem = (line: number, text: string): void => void problems.push(`${file}:${line}: ${text}`)
    for (const type of types) {
      if (!published.has(type.name)) continue
      const limits: Limit[] = []
      for (const { name, isOptional, isNumber, doc, line } of type.properties) {
        const happens = doc.tags.get('limit')
        const value = isOptional ? doc.tags.get('default') : 'must be given'
        const isOption = OPTIONS_NAME.test(type.name) || (isOptional && LIMITS_NAME.test(type.name))
        const isNamedLikeOne = isNumber && isOption && LIMIT_NAME.test(name)
        if (happens === undefined && !isNamedLikeOne) continue
        const at = `${type.name}.${name}`
        if (!isSentence(happens))
          problem(line, `${at} is a limit; say behind @limit, in a sentence, what happens at it`)
        if (value === undefined || value === '') problem(line, `${at} is a limit without @default`)
        if (doc.text === '') problem(line, `${at} does not say what it limits`)
        const taken = defaults.get(name)
        const said = numberIn(value)
        if (said !== undefined && taken !== undefined && !taken.has(said))
          problem(line, `${at} says @default ${value}, and the code takes ${[...taken].join(' or ')}`)
        limits.push({ name, text: doc.text, value: value ?? '', happens: happens ?? '' })
      }
      if (limits.length > 0) groups.push({ type: type.name, text: type.doc.text, file, limits })
    }
    const fixed: Limit[] = []
    for (const { name, value, doc, line } of constants) {
      const happens = doc.tags.get('limit')
      if (happens === undefined) continue
      if (!isSentence(happens)) problem(line, `${name}: say behind @limit, in a sentence, what happens at it`)
      fixed.push({ name, text: doc.text, value, happens })
    }
    if (fixed.length > 0) groups.push({ text: '', file, limits: fixed })
  }
  return { name: manifest.name.slice(SCOPE.length), folder, groups }
}

/** The files that a package's `exports` lead to, as far as they are sources. */
function entries(root: string, { folder, manifest }: Package): string[] {
  return Object.values(manifest.exports ?? {})
    .map((target) => posix.normalize((target as Record<string, string>)[`${SCOPE}source`] ?? ''))
    .filter((path) => path.startsWith('src/') && existsSync(join(root, folder, path)))
}

/** The types that the entries export, and those that they are made of. */
function publicTypes(files: ReadonlyMap<string, Declarations>, from: readonly string[]): Set<string> {
  const byName = new Map<string, TypeDeclaration>()
  for (const { types } of files.values()) for (const type of types) byName.set(type.name, type)
  const found = new Set<string>()
  const add = (name: string): void => {
    const type = byName.get(name)
    if (type === undefined || found.has(name)) return
    found.add(name)
    for (const mentioned of type.mentions) add(mentioned)
  }
  for (const entry of from) for (const name of files.get(entry)?.exported ?? []) add(name)
  return found
}

/** The number that a default begins with: `1_000`, `67_108_864 (64 MiB)`. */
function numberIn(value: string | undefined): number | undefined {
  const digits = /^[\d_]+(?=$| \()/.exec(value ?? '')?.[0]
  return digits === undefined ? undefined : Number(digits.replaceAll('_', ''))
}

const isSentence = (text: string | undefined): boolean => text !== undefined && /^[A-Z`].*\.$/.test(text)

function pageOf(packages: readonly PackageLimits[]): string {
  const lines = [
    '# Limits',
    '',
    'Everything that is kept, waited for or taken in has a limit. Here is each, by package: the option that sets it, its',
    'default, and what happens at it. Times are in milliseconds. No option sets those under "Fixed".',
    '',
    '`npx pnpm@12 exec node scripts/limits.ts --write` makes this page of the docstrings (`@default`, `@limit`); change it there.',
    '',
  ]
  for (const { name, folder, groups } of packages) {
    if (groups.length === 0) continue
    lines.push(`## [\`${name}\`](${folder})`, '')
    for (const { type, text, file, limits } of groups.filter((group) => group.type !== undefined)) {
      lines.push(`### [\`${type}\`](${file})`, '', ...(text === '' ? [] : [text, '']))
      lines.push(...tableOf('option', 'default', limits), '')
    }
    const fixed = groups.filter(({ type }) => type === undefined)
    if (fixed.length === 0) continue
    lines.push('### Fixed', '')
    lines.push(
      ...tableOf(
        'constant',
        'value',
        fixed.flatMap(({ limits, file }) => limits.map((limit) => ({ ...limit, file }))),
      ),
      '',
    )
  }
  const without = packages.filter(({ groups }) => groups.length === 0).map(({ name }) => `\`${name}\``)
  if (without.length > 0) lines.push('## Packages without limits', '', `${without.join(', ')}.`, '')
  return lines.join('\n')
}

function tableOf(
  name: string,
  value: string,
  limits: readonly (Limit & { readonly file?: string })[],
): string[] {
  return [
    `| ${name} | what is limited | ${value} | at the limit |`,
    '| --- | --- | --- | --- |',
    ...limits.map((limit) => {
      const cells = [limit.file === undefined ? `\`${limit.name}\`` : `[\`${limit.name}\`](${limit.file})`]
      cells.push(limit.text, limit.value, limit.happens)
      return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
    }),
  ]
}

/** Says in a line each what is wrong with the limits of the workspace at `root`. With `write`, the page is updated. */
export function checkLimits(root: string, { write = false } = {}): { problems: string[]; count: number } {
  const { page, problems, count } = findLimits(root)
  const path = join(root, PAGE)
  const before = existsSync(path) ? readFileSync(path, 'utf8') : ''
  if (before === page) return { problems: [...problems], count }
  if (!write) return { problems: [...problems, `${PAGE}: ${difference(before, page)}`], count }
  writeFileSync(path, page)
  return { problems: [...problems], count }
}

function difference(before: string, page: string): string {
  const [ours, theirs] = [before.split('\n'), page.split('\n')]
  const at = theirs.findIndex((line, i) => line !== ours[i])
  const line = at < 0 ? theirs.length : at
  return (
    `is not what the docstrings say from line ${line + 1} on: ${JSON.stringify(ours[line])}, expected ` +
    `${JSON.stringify(theirs[line])}; npx pnpm@12 exec node scripts/limits.ts --write`
  )
}

if (import.meta.main) {
  const { problems, count } = checkLimits(PROJECT_ROOT, { write: process.argv.includes('--write') })
  for (const problem of problems) console.log(problem)
  console.log(`${count} limits found`)
  if (problems.length > 0) process.exitCode = 1
}
