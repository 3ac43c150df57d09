import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Packed, pnpmCommand } from '../pack.ts'
import { type LocalRegistry, type PublishedVersion, startLocalRegistry } from './local-registry.ts'
import { runCommand } from './run-command.ts'

/** Longest publication of all packages, ms. @limit The release has failed. */
const LIMIT_MS = 900_000

const AUTHOR = ['-c', 'user.name=release', '-c', 'user.email=release@localhost', '-c', 'commit.gpgSign=false']

/** Commits all that is in `folder`; the first time it becomes a repository. Changelogs name commits, and tags are of them. */
export async function commitAll(folder: string, message: string): Promise<void> {
  const git = (...parameters: string[]): Promise<unknown> =>
    runCommand(['git', ...AUTHOR, ...parameters], { cwd: folder, limitMs: 120_000 })
  await git('init', '--quiet', '--initial-branch=main')
  await git('add', '--all')
  await git('commit', '--quiet', '--no-verify', '--message', message)
}

/** What the registry has of a package, and what is wrong with it, if anything. */
export function publishedProblem(
  { manifest: { name, version } }: Pick<Packed, 'manifest'>,
  published: ReadonlyMap<string, PublishedVersion>,
): string | undefined {
  const found = published.get(`${name}@${version}`)
  if (found === undefined) return `${name}@${version} was not published`
  if (found.access !== 'public') return `${name} is not public`
  if (!found.tags.includes('latest')) return `${name} is not the latest`
  if (!found.isIntact) return `${name} has another tarball than it says`
  const unresolved = /"(workspace|catalog|link|file):[^"]*"/.exec(JSON.stringify(found.manifest))
  return unresolved === null ? undefined : `${name} depends on ${unresolved[0]}`
}

/**
 * Publishes the workspace at `root` by the command of the workflow, to a registry on this machine.
 *
 * @returns How many packages were published, each with a tag.
 * @throws Error when one of `packed` is missing or not as it should be; when a second call publishes anything; and when the
 *   variable that asks for provenance goes unheard: then packages would be published without.
 */
export async function publishLocally(root: string, packed: readonly Packed[]): Promise<number> {
  const registry = await startLocalRegistry()
  try {
    await provenanceIsHeard(root, registry)
    const told = join(root, '..', 'published.ndjson')
    await publishTo(registry, root, { CHANGESETS_OUTPUT: told })
    const problems = packed.flatMap((member) => publishedProblem(member, registry.published) ?? [])
    if (problems.length > 0) throw new Error(problems.join('\n'))
    const tags = readFileSync(told, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => (JSON.parse(line) as { tag: string }).tag)
    const missing = [...registry.published.keys()].filter((name) => !tags.includes(name))
    if (missing.length > 0) throw new Error(`no tag of ${missing.join(', ')}`)
    const count = registry.published.size
    await publishTo(registry, root, {})
    if (registry.published.size !== count) throw new Error('a second call published more')
    return count
  } finally {
    await registry.close()
  }
}

const publishTo = ({ url }: LocalRegistry, root: string, env: Record<string, string>): Promise<unknown> =>
  runCommand([...pnpmCommand(), 'release:publish'], {
    cwd: root,
    limitMs: LIMIT_MS,
    env: { ...env, PNPM_CONFIG_REGISTRY: url },
  })

/** Only a run of GitHub can have provenance; here it is refused, which shows that it was asked for. */
async function provenanceIsHeard(root: string, registry: LocalRegistry): Promise<void> {
  const [, name, value] = /^ *(\w*PROVENANCE): '(.*)'$/m.exec(
    readFileSync(join(root, '.github/workflows/publish.yml'), 'utf8'),
  )!
  const refused = await publishTo(registry, root, { [name!]: value! }).then(
    () => '',
    (error: Error) => error.message,
  )
  if (!/provenance/i.test(refused) || registry.published.size > 0)
    throw new Error(`${name} does not make pnpm ask for provenance:\n${refused}`)
}
