import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { dirname, join } from 'node:path'
import { PROJECT_ROOT, type Package } from './project.ts'
import { findQuotes } from './readme-examples.ts'

/** An example of a package, and what its README says that it prints. */
export interface Example {
  /** `stage/debounce.ts` */
  readonly title: string
  /** In the project. */
  readonly source: string
  /** Whether the README shows it. */
  readonly isShown: boolean
  readonly output: string | undefined
}

/** The examples of a package of the workspace at `workspace`, by name. */
export function examplesOf({ folder }: Package, workspace: string = PROJECT_ROOT): Example[] {
  const root = join(workspace, folder)
  const readme = join(root, 'README.md')
  const quotes = existsSync(readme) ? findQuotes(readFileSync(readme, 'utf8')) : []
  // What needs other processes to run lies deeper, and has a test of its own.
  return globSync('examples/*.ts', { cwd: root })
    .filter((path) => !path.endsWith('.test.ts'))
    .sort()
    .map((path) => ({
      title: join(folder.replace('packages/', ''), path.replace('examples/', '')),
      source: join(root, path),
      isShown: quotes.some((quote) => quote.path === path),
      output: quotes.find((quote) => quote.kind === 'output' && quote.path === path)?.text,
    }))
}

/** Writes an example into the project at `folder`, as JavaScript. Returns where it is. */
export function writeExample(folder: string, { title, source }: Example): string {
  const file = join(folder, 'examples', title.replace(/ts$/, 'mjs'))
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, stripTypeScriptTypes(readFileSync(source, 'utf8')))
  return file
}

/** The environment without the workspace's own settings, which pnpm hands down to its scripts. */
export function plainEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(npm_|pnpm_)/i.test(name)))
}
