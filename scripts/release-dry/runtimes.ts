import { join } from 'node:path'
import { npmProject } from './plain-project.ts'

/** What runs JavaScript, from its package in the npm registry. */
export interface Runtime {
  readonly name: string
  readonly package: string
  readonly version: string
  /** Behind the command, before the file. */
  readonly flags: readonly string[]
}

const node = (version: string): Runtime => ({
  name: `Node.js ${version.split('.')[0]}`,
  package: 'node',
  version,
  flags: [],
})

/** The newest of each, when this was written. */
export const RUNTIMES: readonly Runtime[] = [
  node('22.23.3'),
  node('24.21.0'),
  node('26.10.0'),
  { name: 'Bun', package: 'bun', version: '1.4.5', flags: ['--no-install'] },
  {
    name: 'Deno',
    package: 'deno',
    version: '2.9.6',
    flags: ['run', '--allow-all', '--node-modules-dir=manual'],
  },
]

/** A runtime that is there: the command and its arguments, before the file. */
export interface InstalledRuntime extends Runtime {
  readonly command: readonly string[]
}

/** Installs a runtime below `folder`. */
export async function installRuntime(runtime: Runtime, folder: string): Promise<InstalledRuntime> {
  const at = join(folder, runtime.name.replaceAll(' ', '-').toLowerCase())
  await npmProject(at, new Map([[runtime.package, runtime.version]]), [])
  return { ...runtime, command: [join(at, 'node_modules/.bin', runtime.package), ...runtime.flags] }
}

/** `Node.js 22.23.3` */
export const titleOf = ({ name, version }: Runtime): string => `${name.replace(/ \d+$/, '')} ${version}`
