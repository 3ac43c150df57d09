import { join, posix } from 'node:path'
import { Application, type DeclarationReflection, LogLevel, OptionDefaults } from 'typedoc'
import { type Package, SCOPE, publishedPackages } from '../../../scripts/project.ts'

/** What can be imported from one entry of a package, as `@reliable-channels/store/level`. */
export interface Entry {
  /** What an import names. */
  readonly specifier: string
  readonly module: DeclarationReflection
}

/** A published package, with its entries, the main one first. */
export interface PackageApi {
  /** As `store`. */
  readonly name: string
  readonly folder: string
  readonly entries: readonly Entry[]
}

/** Reads what the published packages export, with docstrings, by typedoc; packages in the order of their use. */
export async function readApi(root: string): Promise<PackageApi[]> {
  const packages = publishedPackages(root).filter(({ manifest }) => manifest.exports !== undefined)
  const files = packages.flatMap((member) => entryFiles(member))
  const app = await Application.bootstrap({
    // Whoever declares something comes before those who hand it on, so that it is explained there.
    entryPoints: files.toSorted((a, b) => rank(a.file) - rank(b.file)).map(({ file }) => join(root, file)),
    tsconfig: join(root, 'docs/tsconfig.json'),
    basePath: root,
    blockTags: [...OptionDefaults.blockTags, '@limit'],
    skipErrorChecking: true,
    excludePrivate: true,
    excludeInternal: true,
    excludeExternals: true,
    disableGit: true,
    sourceLinkTemplate: '{path}#L{line}',
    sort: ['source-order'],
    logLevel: LogLevel.Error,
  })
  const project = await app.convert()
  if (project === undefined) throw new Error('typedoc could not read the packages')
  const modules = new Map<string | undefined, DeclarationReflection>(
    (project.children ?? []).map((module) => [module.sources?.[0]?.fileName, module] as const),
  )
  return packages.map(({ folder, manifest }) => ({
    name: manifest.name.slice(SCOPE.length),
    folder,
    entries: files
      .filter(({ file }) => file.startsWith(`${folder}/`))
      .map(({ file, specifier }) => {
        const module = modules.get(file)
        if (module === undefined) throw new Error(`typedoc has nothing of ${file}`)
        return { specifier, module }
      }),
  }))
}

/** The sources that the entries of a package lead to. */
function entryFiles({ folder, manifest }: Package): { specifier: string; file: string }[] {
  return Object.entries(manifest.exports ?? {}).flatMap(([entry, target]) => {
    const source = (target as Record<string, string>)[`${SCOPE}source`]
    if (source === undefined) return []
    return [{ specifier: posix.join(manifest.name, entry), file: posix.join(folder, source) }]
  })
}

/** Packages that stand below come first; of a package its main entry. */
function rank(file: string): number {
  const below = [
    'options',
    'wire',
    'keccak',
    'leopard',
    'store',
    'stage',
    'transport',
    'rate-limit',
    'encryption',
  ]
  const [, name = ''] = file.split('/')
  const at = below.indexOf(name)
  const place = at >= 0 ? at : name === 'channel' ? 40 : name === 'react' || name === 'cli' ? 50 : 20
  return place * 2 + (file.endsWith('/index.ts') ? 0 : 1)
}
