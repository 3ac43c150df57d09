import { readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { doubleNameProblems } from './double-names.ts'
import { type Import, packageOf, parseSource } from './imports.ts'
import { type Package, PROJECT_ROOT, SCOPE, readManifest, sourceFiles, workspacePackages } from './project.ts'

const stages = ['encryption', 'rate-limit', 'sds', 'segmentation']
const ground = ['keccak', 'leopard', 'options', 'stage', 'store', 'transport', 'wire']
const everything = [
  ...stages,
  ...ground,
  'libp2p-tuning',
  'channel',
  'messages',
  'simulator',
  'transport-waku',
  'waku-devnet',
  'react',
  'cli',
]

/** Circles that stay, each a whole of two files: what they hold cannot be told apart. */
const honestCircles = ['packages/simulator: src/network.ts → src/simulated-network.ts']

/** The packages that a package may import, and its other rights. */
interface Layer {
  readonly imports: readonly string[]
  /** Also in tests and examples. */
  readonly testsImport?: readonly string[]
  /** May import `@waku/*`. */
  readonly waku?: true
  /** Runs in Node only, so that its code may import `node:` modules. */
  readonly nodeOnly?: true
  /** May reach inside packages and applications, to measure, to fuzz or to show parts that they do not export. */
  readonly reachesInside?: true
}

/** Who may import whom. A package that is not here has no place in the building. */
const layers: Readonly<Record<string, Layer>> = {
  options: { imports: [] },
  store: { imports: ['options'] },
  keccak: { imports: [] },
  leopard: { imports: [] },
  transport: { imports: ['options'] },
  'libp2p-tuning': { imports: [] },
  wire: { imports: [] },
  stage: { imports: ['store', 'options'] },
  ...Object.fromEntries(stages.map((name) => [name, { imports: ground }])),
  channel: { imports: [...stages, ...ground], testsImport: ['simulator'] },
  messages: { imports: ['channel', ...ground], testsImport: ['simulator', 'encryption', 'transport-waku'] },
  simulator: { imports: ['transport', 'keccak', 'options', 'stage', 'store'] },
  'transport-waku': { imports: [...ground, 'libp2p-tuning'], testsImport: ['waku-devnet'], waku: true },
  'waku-devnet': { imports: [...ground, 'libp2p-tuning'], waku: true, nodeOnly: true },
  react: { imports: ['channel', 'messages', ...ground], testsImport: ['simulator'] },
  cli: { imports: everything, nodeOnly: true },
  example: { imports: everything, nodeOnly: true },
  integration: { imports: everything, waku: true, nodeOnly: true, reachesInside: true },
  docs: { imports: everything, waku: true, nodeOnly: true, reachesInside: true },
  benchmarks: { imports: everything, waku: true, nodeOnly: true, reachesInside: true },
}

/**
 * Lists what breaks the layer rule in the workspace at `root`, one line each.
 *
 * @param circles Circles of files that may be. One that is not there is a problem too.
 */
export function layerProblems(root: string, circles: readonly string[] = []): string[] {
  const closed = new Set<string>()
  const packages = workspacePackages(root)
  const rootTools = Object.keys(readManifest(root).devDependencies ?? {})
  const problems: string[] = []
  const edges = new Map<string, Set<string>>()
  for (const member of packages) {
    const imported = new Set(siblings(Object.keys(declared(member, true))))
    edges.set(member.manifest.name, imported)
    const layer = layers[shortName(member)]
    if (layer === undefined) {
      problems.push(`${member.folder}: has no layer; give it one in scripts/layers.ts`)
      continue
    }
    const within = new Map<string, Set<string>>()
    for (const path of sourceFiles(join(root, member.folder))) {
      const file = posix.join(member.folder, path)
      const { imports } = parseSource(file, readFileSync(join(root, file), 'utf8'))
      within.set(path, filesImported(path, imports))
      for (const found of imports) {
        const name = packageOf(found.specifier)
        if (name?.startsWith(SCOPE) === true && name !== member.manifest.name) imported.add(name)
        const problem = problemOf(member, layer, path, found, rootTools)
        if (problem !== undefined) problems.push(`${file}:${found.line}: ${problem}`)
      }
    }
    if (!member.folder.startsWith('packages/')) continue
    for (const cycle of cycles(within)) {
      const circle = `${member.folder}: ${cycle.slice(0, -1).toSorted().join(' → ')}`
      closed.add(circle)
      if (!circles.includes(circle))
        problems.push(`${member.folder}: files import each other: ${cycle.join(' → ')}`)
    }
  }
  for (const circle of circles) {
    if (!closed.has(circle))
      problems.push(`${circle} is no circle any more: take it off those that may be (scripts/layers.ts)`)
  }
  for (const cycle of cycles(edges)) problems.push(`cycle between packages: ${cycle.join(' → ')}`)
  return problems
}

/** The fault of one import of a package's file, if it has one. */
function problemOf(
  member: Package,
  layer: Layer,
  path: string,
  { specifier }: Import,
  rootTools: readonly string[],
): string | undefined {
  const forTests = isForTests(path)
  if (specifier.startsWith('.')) {
    const target = posix.join(posix.dirname(path), specifier)
    // The project's own tools are there for a package's scripts and tests, which are never published.
    if (forTests && /^(?:\.\.\/){1,2}scripts\//.test(target)) return undefined
    if (layer.reachesInside === true && /^\.\.\/(?:packages|apps)\//.test(target)) return undefined
    return target.startsWith('..') ? `imports ${specifier}, which lies outside the package` : undefined
  }
  const name = packageOf(specifier)
  if (name === undefined) {
    const isBound = layer.nodeOnly !== true && !forTests
    return isBound ? `imports ${specifier}, and the package must run in a browser` : undefined
  }
  if (name === member.manifest.name) return undefined
  if (name.startsWith('@waku/') && layer.waku !== true)
    return `imports ${name}, which is for the Waku packages`
  if (name.startsWith(SCOPE)) {
    const short = name.slice(SCOPE.length)
    const allowed = [...layer.imports, ...(forTests ? (layer.testsImport ?? []) : [])]
    if (!allowed.includes(short)) return `${shortName(member)} must not import ${name}`
  }
  if (name in declared(member, forTests)) return undefined
  if (forTests && rootTools.includes(name)) return undefined
  return `imports ${name}, which its package.json does not declare${forTests ? '' : ' as a dependency'}`
}

/** The files of the same package that a file imports, for their types too. */
function filesImported(path: string, imports: readonly Import[]): Set<string> {
  const relative = imports.filter(({ specifier }) => specifier.startsWith('.'))
  return new Set(relative.map(({ specifier }) => posix.join(posix.dirname(path), specifier)))
}

/** Tests, examples and scripts may use development dependencies. */
function isForTests(path: string): boolean {
  return /\.(test|bench)\.tsx?$|\.config\.ts$/.test(path) || !path.startsWith('src/')
}

function declared({ manifest }: Package, development: boolean): Record<string, string> {
  return {
    ...manifest.dependencies,
    ...manifest.peerDependencies,
    ...manifest.optionalDependencies,
    ...(development || manifest.private === true ? manifest.devDependencies : {}),
  }
}

function siblings(names: readonly string[]): string[] {
  return names.filter((name) => name.startsWith(SCOPE))
}

function shortName({ folder, manifest }: Package): string {
  return folder.startsWith('packages/') ? manifest.name.slice(SCOPE.length) : posix.basename(folder)
}

/** The cycles of a graph, each once, from its first member back to it. */
function cycles(edges: ReadonlyMap<string, ReadonlySet<string>>): string[][] {
  const found = new Map<string, string[]>()
  const done = new Set<string>()
  const walk = (name: string, path: readonly string[]): void => {
    const at = path.indexOf(name)
    if (at >= 0) {
      const cycle = path.slice(at)
      found.set(cycle.toSorted().join(), [...cycle, name])
      return
    }
    if (done.has(name)) return
    for (const next of edges.get(name) ?? []) walk(next, [...path, name])
    done.add(name)
  }
  for (const name of edges.keys()) walk(name, [])
  return [...found.values()]
}

if (import.meta.main) {
  const problems = [...layerProblems(PROJECT_ROOT, honestCircles), ...doubleNameProblems(PROJECT_ROOT)]
  for (const problem of problems) console.log(problem)
  if (problems.length > 0) process.exitCode = 1
}
