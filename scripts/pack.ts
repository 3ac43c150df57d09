import { execFileSync } from 'node:child_process'
import { globSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { type Package, PROJECT_ROOT, publishedPackages } from './project.ts'

/** A package as it would be published. */
export interface Packed extends Package {
  /** Absolute path of its tarball. */
  readonly tarball: string
}

/** Calls `use` with a new folder, which is removed afterwards. */
export async function inTemporaryFolder<T>(
  name: string,
  use: (folder: string) => T | Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), `reliable-channels-${name}-`))
  try {
    return await use(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * Packs every published package of the workspace at `root` into `folder`, as publishing would: what is not in `files` stays
 * out, and versions replace `workspace:` and `catalog:`. The packages must have been built.
 */
export function packPublished(folder: string, root: string = PROJECT_ROOT): Packed[] {
  const [command, ...first] = pnpmCommand()
  const parameters = ['--recursive', '--filter', './packages/*', 'pack', '--pack-destination', folder]
  execFileSync(command!, [...first, ...parameters], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] })
  return packedPackages(folder, root)
}

/** The published packages of the workspace at `root` with their tarballs in `folder`. */
export function packedPackages(folder: string, root: string): Packed[] {
  return publishedPackages(root).map((member) => {
    const stem = member.manifest.name.replace('@', '').replace('/', '-')
    const [tarball] = globSync(`${stem}-${member.manifest.version}.tgz`, { cwd: folder })
    if (tarball === undefined) throw new Error(`${member.manifest.name} was not packed`)
    return { ...member, tarball: join(folder, tarball) }
  })
}

/** The command that runs pnpm: the one that started this script, or the one that the README names. */
export function pnpmCommand(): readonly string[] {
  const isInPath = (process.env['PATH'] ?? '')
    .split(delimiter)
    .some((folder) => globSync('pnpm', { cwd: folder }).length > 0)
  return isInPath ? ['pnpm'] : ['npx', '--yes', 'pnpm@12']
}
