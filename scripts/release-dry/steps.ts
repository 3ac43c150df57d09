import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { packageOf, parseSource } from '../imports.ts'
import { type Packed, packPublished, pnpmCommand } from '../pack.ts'
import { type Example, examplesOf, writeExample } from '../packed-examples.ts'
import { PROJECT_ROOT, SCOPE, readManifest } from '../project.ts'
import { installedBy } from '../readme-needs.ts'
import { type BuiltPage, buildPages } from './build-pages.ts'
import { npmProject, strictProjects } from './plain-project.ts'
import { PROBES } from './probes.ts'
import { commitAll, publishLocally } from './publish-locally.ts'
import { runByNpx } from './run-by-npx.ts'
import { runCommand } from './run-command.ts'
import { exampleProblem } from './run-examples.ts'
import { type Step, pooled } from './run-steps.ts'
import { type Outcome, runtimePage } from './runtime-table.ts'
import { type InstalledRuntime, RUNTIMES, installRuntime, titleOf } from './runtimes.ts'
import { COMPILERS, RESOLUTIONS, checkTypes } from './type-check.ts'
import { copyProject, raiseVersions } from './version-copy.ts'

/** What the steps hand on. */
export interface Release {
  /** Temporary; all of it. */
  readonly folder: string
  packed: readonly Packed[]
  runtimes: readonly InstalledRuntime[]
  outcomes: readonly Outcome[]
}

const AT_ONCE = Math.min(availableParallelism(), 4)
const PAGE = 'RUNTIMES.md'

/** Something that is run on each runtime, in a project that has what its README installs. */
interface Run {
  readonly row: string
  readonly project: string
  readonly example: Pick<Example, 'title' | 'source' | 'output'>
}

const shortName = (name: string): string => name.replace(SCOPE, '')

/** What each README has its reader install, and the examples that it shows. */
function readmes({
  folder,
  packed,
}: Release): { name: string; wanted: ReadonlyMap<string, string>; runs: Run[] }[] {
  return packed.map((member) => {
    const name = shortName(member.manifest.name)
    const wanted = installedBy(readFileSync(join(folder, 'copy', member.folder, 'README.md'), 'utf8'))
    const shown = examplesOf(member, join(folder, 'copy')).filter(({ isShown }) => isShown)
    return { name, wanted, runs: shown.map((example) => ({ row: `\`${name}\``, project: name, example })) }
  })
}

const bare: Step<Release> = {
  name: 'copy the project and install what it depends on',
  async run({ folder }) {
    await copyProject(join(folder, 'copy'))
    await commitAll(join(folder, 'copy'), 'Everything')
    return 'copied'
  },
}

const version: Step<Release> = {
  name: 'raise versions and write changelogs',
  async run({ folder }) {
    const versions = await raiseVersions(join(folder, 'copy'))
    await commitAll(join(folder, 'copy'), 'Release')
    return `${versions.size} packages, at ${[...new Set(versions.values())].sort().join(', ')}`
  },
}

const build: Step<Release> = {
  name: 'build',
  async run({ folder }) {
    await runCommand([...pnpmCommand(), 'build'], { cwd: join(folder, 'copy'), limitMs: 1_800_000 })
    return 'built'
  },
}

const pack: Step<Release> = {
  name: 'pack',
  async run(release) {
    const tarballs = join(release.folder, 'tarballs')
    mkdirSync(tarballs)
    release.packed = packPublished(tarballs, join(release.folder, 'copy'))
    return `${release.packed.length} tarballs`
  },
}

const publish: Step<Release> = {
  name: 'publish to a registry on this machine, twice',
  async run({ folder, packed }) {
    const count = await publishLocally(join(folder, 'copy'), packed)
    return `${count} packages, a tag of each; the second time none; provenance is asked for`
  },
}

const install: Step<Release> = {
  name: 'install Node.js, Bun and Deno',
  async run(release) {
    const folder = join(release.folder, 'runtimes')
    release.runtimes = await pooled(RUNTIMES, AT_ONCE, (runtime) => installRuntime(runtime, folder))
    return release.runtimes.map(titleOf).join(', ')
  },
}

const runEverywhere: Step<Release> = {
  name: 'run what each README shows, with npm, on each runtime',
  async run(release, say) {
    const { packed, runtimes } = release
    const outcomes: Outcome[] = []
    const probes = PROBES.map(({ row, needs, ...example }) => ({
      name: example.title.replace(/\.ts$/, '').replace('/', '-'),
      wanted: new Map(needs.map((name) => [name, ''])),
      runs: [{ row, project: '', example }],
    }))
    for (const { name, wanted, runs } of [...readmes(release), ...probes]) {
      const cwd = join(release.folder, 'npm', name)
      await npmProject(cwd, wanted, packed)
      const files = runs.map(({ example }) => writeExample(cwd, { isShown: true, ...example }))
      const pairs = runs.flatMap(({ row, example }, i) =>
        runtimes.map((runtime) => ({ row, example, runtime, file: files[i]! })),
      )
      const env = { DENO_NO_UPDATE_CHECK: '1', DENO_DIR: join(release.folder, 'deno') }
      const done = await pooled(pairs, AT_ONCE, async ({ row, example, runtime, file }) => ({
        row,
        runtime: runtime.name,
        title: example.title,
        problem: await exampleProblem(runtime.command, file, example, { cwd, env }),
      }))
      outcomes.push(...done)
      const bad = done.filter(({ problem }) => problem !== undefined)
      say(`${name}: ${done.length - bad.length} of ${done.length} run`)
      for (const { title, runtime, problem } of bad) say(`${title} on ${runtime}: ${problem}`)
    }
    release.outcomes = outcomes
    writeFileSync(join(PROJECT_ROOT, PAGE), runtimePage(runtimes, outcomes))
    const failed = outcomes.filter(({ problem }) => problem !== undefined)
    if (failed.length > 0) throw new Error(`${failed.length} of ${outcomes.length} do not run, see ${PAGE}`)
    return `${outcomes.length} runs; ${PAGE} says what runs where`
  },
}

const strict: Step<Release> = {
  name: 'run what each README shows, with strict pnpm',
  async run(release) {
    const { folder, packed } = release
    const root = join(folder, 'pnpm')
    const all = readmes(release).filter(({ runs }) => runs.length > 0)
    await strictProjects(root, new Map(all.map(({ name, wanted }) => [name, wanted])), packed)
    const runs = all.flatMap((one) => one.runs)
    const problems = await pooled(runs, AT_ONCE, ({ project, example }) => {
      const cwd = join(root, project)
      const file = writeExample(cwd, { isShown: true, ...example })
      return exampleProblem([process.execPath], file, example, { cwd })
    })
    const failed = problems.filter((problem) => problem !== undefined)
    if (failed.length > 0) throw new Error(failed.join('\n'))
    return `${runs.length} examples in ${all.length} projects`
  },
}

const types: Step<Release> = {
  name: 'check types strictly, as Node.js and as a bundler resolve them',
  async run({ folder, packed }) {
    const cwd = join(folder, 'types')
    const copy = join(folder, 'copy')
    const examples = packed.flatMap((member) => examplesOf(member, copy))
    const wanted = new Map(packed.map(({ manifest }) => [manifest.name, '']))
    for (const { alias, range } of COMPILERS) wanted.set(alias, range)
    wanted.set('@types/node', readManifest(join(copy, 'node_modules/@types/node')).version)
    for (const member of packed) {
      for (const { source } of examplesOf(member, copy)) {
        for (const { specifier } of parseSource(source, readFileSync(source, 'utf8')).imports) {
          const name = packageOf(specifier)
          if (name === undefined || wanted.has(name)) continue
          const at = join(copy, member.folder, 'node_modules', name)
          wanted.set(name, existsSync(at) ? readManifest(at).version : '')
        }
      }
    }
    await npmProject(cwd, wanted, packed)
    const checks = await checkTypes(cwd, examples)
    const ways = RESOLUTIONS.map(({ moduleResolution }) => moduleResolution).join(' and ')
    return `${examples.length} examples, ${ways}, TypeScript ${COMPILERS.map(({ range }) => range.split('@')[1]).join(' and ')}: ${checks} checks`
  },
}

const pages: Step<Release> = {
  name: 'build a page of one stage with esbuild and Vite',
  async run({ folder, packed }) {
    const cwd = join(folder, 'page')
    const wanted = ['@reliable-channels/segmentation', 'rxjs', 'esbuild', 'vite'].map(
      (name) => [name, ''] as const,
    )
    await npmProject(cwd, new Map(wanted), packed)
    const built = await buildPages(cwd, '8 segments 4 of parity\n')
    const shown = ({ bundler, bytes, gzipBytes }: BuiltPage): string =>
      `${bundler} ${(bytes / 1000).toFixed(1)} kB, ${(gzipBytes / 1000).toFixed(1)} kB with gzip`
    return `${built.map(shown).join('; ')}; RxJS included, nothing of @waku or libp2p`
  },
}

const npx: Step<Release> = {
  name: 'run the commands with npx, from their tarballs',
  async run({ folder, packed }) {
    const cwd = join(folder, 'npx')
    mkdirSync(cwd)
    const commands = packed.flatMap(({ manifest }) =>
      Object.keys(manifest.bin ?? {}).map((command) => ({ name: manifest.name, command })),
    )
    for (const { name, command } of commands) {
      const printed = await runByNpx(cwd, name, [command, '--help'], packed)
      if (!printed.includes(command)) throw new Error(`npx ${command} --help printed\n${printed}`)
    }
    return commands.map(({ command }) => command).join(', ')
  },
}

/** A release from the sources to what a stranger runs, in order. */
export const STEPS: readonly Step<Release>[] = [
  bare,
  version,
  build,
  pack,
  publish,
  pages,
  npx,
  strict,
  types,
  install,
  runEverywhere,
]

/** Puts the tarballs into `folder`. */
export function keepTarballs({ packed }: Release, folder: string): void {
  mkdirSync(folder, { recursive: true })
  for (const { tarball } of packed) cpSync(tarball, join(folder, tarball.split('/').at(-1)!))
}
