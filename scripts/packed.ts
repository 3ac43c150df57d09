import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { packageOf, parseSource } from './imports.ts'
import { npmInstall } from './npm-install.ts'
import { type Packed, inTemporaryFolder, packPublished } from './pack.ts'
import { type Example, examplesOf, plainEnvironment, writeExample } from './packed-examples.ts'
import { PROJECT_ROOT, readManifest } from './project.ts'

/** Versions of what the examples import from outside the project, as the workspace has them. */
function foreignDependencies(packed: readonly Packed[]): Record<string, string> {
  const own = new Set(packed.map(({ manifest }) => manifest.name))
  const found: Record<string, string> = {}
  for (const member of packed) {
    for (const { source } of examplesOf(member)) {
      for (const { specifier } of parseSource(source, readFileSync(source, 'utf8')).imports) {
        const name = packageOf(specifier)
        if (name === undefined || own.has(name)) continue
        found[name] = readManifest(join(PROJECT_ROOT, member.folder, 'node_modules', name)).version
      }
    }
  }
  return found
}

/** Installs the tarballs with npm in `folder`, as somebody would who knows nothing of this workspace. */
function install(folder: string, packed: readonly Packed[]): void {
  const tarballs = Object.fromEntries(
    packed.map(({ manifest, tarball }) => [manifest.name, `file:${tarball}`]),
  )
  const manifest = {
    name: 'plain-project',
    private: true,
    type: 'module',
    dependencies: { ...foreignDependencies(packed), ...tarballs },
    // A tarball that another needs is not in the registry yet.
    overrides: Object.fromEntries(packed.map(({ manifest: { name } }) => [name, `$${name}`])),
  }
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest, null, 2))
  const [command, ...parameters] = npmInstall(folder)
  execFileSync(command!, parameters, {
    cwd: dirname(folder),
    env: plainEnvironment(),
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}

/** A Node.js 20 of this machine, the oldest that packages run on; `undefined` where there is none. */
function findOldNode(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  return folders
    .map((folder) => join(folder, 'node'))
    .find(
      (path) =>
        existsSync(path) && spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout.startsWith('v20.'),
    )
}

/** Runs one example in `folder` with the plain Node.js `node`. Returns what is wrong with it, if anything. */
function problemOf(folder: string, example: Example, node: string): string | undefined {
  const { output } = example
  const file = writeExample(folder, example)
  const { status, stdout, stderr } = spawnSync(node, [file], {
    cwd: folder,
    encoding: 'utf8',
    timeout: 60_000,
  })
  if (status !== 0) return `ended with ${status}:\n${stderr}`
  if (output !== undefined && stdout !== output) return `printed\n${stdout}where the README says\n${output}`
  return undefined
}

/** Asks each command of the packages for its help, as `npx` starts it. Returns how many there are. */
function runCommands(folder: string, members: readonly Packed[]): number {
  const names = members.flatMap(({ manifest: { bin = {} } }) => Object.keys(bin))
  for (const name of names) {
    const { status, stdout, stderr } = spawnSync('npx', ['--no-install', name, '--help'], {
      cwd: folder,
      encoding: 'utf8',
      // The first line of a command says which Node.js: the one in the path.
      env: { ...plainEnvironment(), PATH: [dirname(process.execPath), process.env['PATH']].join(delimiter) },
      timeout: 60_000,
    })
    if (status === 0 && stdout.includes(name)) continue
    console.log(`${name} --help ended with ${status}:\n${stdout}${stderr}`)
    process.exitCode = 1
  }
  return names.length
}

async function main(): Promise<void> {
  await inTemporaryFolder('packed', (folder) => {
    const packed = packPublished(folder)
    install(folder, packed)
    const runAll = (members: readonly Packed[], node: string): string => {
      const examples = members.flatMap((member) => examplesOf(member))
      for (const example of examples) {
        const problem = problemOf(folder, example, node)
        if (problem === undefined) continue
        console.log(`${example.title} ${problem}`)
        process.exitCode = 1
      }
      if (examples.length === 0) process.exitCode = 1
      return `${examples.length} examples run from ${members.length} installed tarballs`
    }
    console.log(runAll(packed, process.execPath))
    console.log(`${runCommands(folder, packed)} commands print their help`)
    // N11
    const oldNode = findOldNode()
    const forOld = packed.filter(({ manifest }) => manifest.engines?.node?.startsWith('>=20'))
    console.log(
      oldNode === undefined ? 'no Node.js 20 here to try' : `${runAll(forOld, oldNode)} with Node.js 20`,
    )
  })
}

if (import.meta.main) await main()
