import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The project's own folder. */
export const PROJECT_ROOT: string = dirname(dirname(fileURLToPath(import.meta.url)))

/** The scope of the project's packages. */
export const SCOPE = '@reliable-channels/'

/** A `package.json`, as far as the scripts read it. */
export interface Manifest {
  readonly name: string
  readonly version: string
  readonly private?: boolean
  readonly bin?: Readonly<Record<string, string>>
  readonly engines?: { readonly node?: string }
  readonly exports?: Record<string, { readonly default: string }>
  readonly dependencies?: Record<string, string>
  readonly devDependencies?: Record<string, string>
  readonly peerDependencies?: Record<string, string>
  readonly peerDependenciesMeta?: Record<string, { readonly optional?: boolean }>
  readonly optionalDependencies?: Record<string, string>
}

/** A member of the workspace. */
export interface Package {
  /** Its folder relative to the root, as `packages/stage`. */
  readonly folder: string
  readonly manifest: Manifest
}

/** The members of the workspace at `root`, by folder. */
export function workspacePackages(root: string): Package[] {
  return globSync(['packages/*', 'apps/*', 'integration', 'benchmarks', 'docs'], { cwd: root })
    .filter((folder) => existsSync(join(root, folder, 'package.json')))
    .sort()
    .map((folder) => ({ folder, manifest: readManifest(join(root, folder)) }))
}

/** The packages that are published. */
export function publishedPackages(root: string): Package[] {
  return workspacePackages(root).filter(({ manifest }) => manifest.private !== true)
}

/** Reads the `package.json` in `folder`. */
export function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest
}

const SKIPPED = new Set(['node_modules', 'dist', 'vectors', 'gen', '.turbo'])

/** The files under `folder` that match `pattern` and that people wrote, relative to `folder`. */
export function sourceFiles(folder: string, pattern: string = '**/*.{ts,tsx}'): string[] {
  return globSync(pattern, { cwd: folder, exclude: (name) => SKIPPED.has(name.split('/').at(-1) ?? name) })
    .map((path) => relative('.', path))
    .sort()
}
