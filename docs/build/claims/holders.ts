import { existsSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { sourceFiles } from '../../../scripts/project.ts'
import { findQuotes } from '../../../scripts/readme-examples.ts'
import { type TestNames, testNames } from './test-names.ts'

/** What may hold a sentence: a test, as `path › describe › it`, or a program whose output a page shows, by its path. */
export interface Holders {
  /** Why `holder` holds nothing, or `undefined` if it holds. */
  problemOf(holder: string): string | undefined
}

/** The tests and programs of the project at `root`. That programs print what pages show is checked with the examples. */
export function createHolders(root: string): Holders {
  const printed = new Set(
    sourceFiles(root, '{**/README.md,docs/pages/**/*.md}').flatMap((page) =>
      findQuotes(readFileSync(join(root, page), 'utf8'))
        .filter(({ kind }) => kind === 'output')
        .map(({ path }) => posix.join(posix.dirname(page), path)),
    ),
  )
  const files = new Map<string, TestNames>()
  const namesIn = (path: string): TestNames => {
    const names = files.get(path) ?? testNames(path, readFileSync(join(root, path), 'utf8'))
    files.set(path, names)
    return names
  }
  return {
    problemOf(holder) {
      const [path = '', ...titles] = holder.split(' › ')
      if (!existsSync(join(root, path))) return `there is no ${path}`
      if (titles.length === 0)
        return printed.has(path) ? undefined : `no page shows what ${path} prints: name a test of it`
      return namesIn(path).has(titles.join(' › ')) ? undefined : `there is no test ${holder}`
    },
  }
}
