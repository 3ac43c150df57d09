import { cpSync, existsSync, readFileSync } from 'node:fs'
import { basename, join, matchesGlob } from 'node:path'
import { PROJECT_ROOT, publishedPackages } from '../project.ts'
import { pnpmCommand } from '../pack.ts'
import { runCommand } from './run-command.ts'

/** What `.gitignore` leaves out, all of it names of files and folders wherever they are. */
const SKIPPED = ['.git', ...ignoredNames(readFileSync(join(PROJECT_ROOT, '.gitignore'), 'utf8'))]

/** The names in a `.gitignore`, with `*` in them. */
function ignoredNames(gitignore: string): string[] {
  return gitignore
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.replace(/^\/|\/$/g, ''))
}

/** Copies what people wrote of the project to `folder`, and installs there what it depends on. */
export async function copyProject(folder: string): Promise<void> {
  cpSync(PROJECT_ROOT, folder, {
    recursive: true,
    filter: (path) =>
      !SKIPPED.some(
        (pattern) => matchesGlob(basename(path), pattern) || path === join(PROJECT_ROOT, pattern),
      ),
  })
  await runCommand([...pnpmCommand(), 'install', '--frozen-lockfile', '--prefer-offline'], {
    cwd: folder,
    limitMs: 1_800_000,
  })
}

/**
 * Has changesets raise the versions in the copy at `folder` and write the changelogs, as a release does.
 *
 * @returns The version of each package.
 * @throws Error when a package has no version that could be published, or no word in its changelog on it.
 */
export async function raiseVersions(folder: string): Promise<ReadonlyMap<string, string>> {
  await runCommand([...pnpmCommand(), 'exec', 'changeset', 'version'], { cwd: folder, limitMs: 600_000 })
  const versions = new Map<string, string>()
  for (const { folder: at, manifest } of publishedPackages(folder)) {
    const problem = changelogProblem(manifest.version, join(folder, at, 'CHANGELOG.md'))
    if (problem !== undefined) throw new Error(`${manifest.name}: ${problem}`)
    versions.set(manifest.name, manifest.version)
  }
  return versions
}

/** Says why a package cannot be released as `version` with this changelog, if it cannot. */
export function changelogProblem(version: string, changelog: string): string | undefined {
  if (version === '0.0.0') return 'has no version: write a changeset'
  if (!existsSync(changelog)) return 'has no changelog'
  const [, section = ''] = readFileSync(changelog, 'utf8').split(`\n## ${version}\n`)
  const words = section
    .split('\n## ')[0]!
    .split('\n')
    .filter((line) => /^- (?!Updated dependencies)/.test(line))
  return words.length === 0 ? `its changelog says nothing of ${version}` : undefined
}
