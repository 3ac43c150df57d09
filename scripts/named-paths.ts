import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { PROJECT_ROOT, sourceFiles } from './project.ts'

/** A link to a file of the project: no address, no anchor of the page itself. */
const LINK = /\]\((?<path>[^)\s#:]+)(?:#[^)\s]*)?\)/g
/** A path from the root in running text or code. */
const PATH =
  /(?<![\w./@-])(?<path>(?:packages|scripts|integration|benchmarks|apps|requirements)\/[\w./@-]*\w)/g
/** Stands for a name that the reader chooses, as in `packages/NAME/src`. */
const PLACEHOLDER = /(?:^|\/)[A-Z]+(?:\.ts)?(?:\/|$)/
/** Made by tools of what was there once. */
const HISTORICAL = /(?:^|\/)CHANGELOG\.md$|^\.changeset\//

/** One path that leads nowhere. */
export interface DeadPath {
  /** File and line. */
  readonly at: string
  readonly path: string
}

/** Finds the paths in the project's pages that name no file: links in all of them, other paths in those at the root. */
export function findDeadPaths(root: string): DeadPath[] {
  return sourceFiles(root, '**/*.md')
    .filter((page) => !HISTORICAL.test(page))
    .flatMap((page) => {
      const text = readFileSync(join(root, page), 'utf8')
      const links = [...text.matchAll(LINK)].map(({ index, groups }) => ({
        index,
        path: groups!['path']!,
        target: posix.join(dirname(page), groups!['path']!),
      }))
      const others = dirname(page) === '.' ? [...text.matchAll(PATH)] : []
      const named = others
        .map(({ index, groups }) => ({ index, path: groups!['path']!, target: groups!['path']! }))
        .filter(({ path }) => !PLACEHOLDER.test(path))
      const dead = [...links, ...named].filter(({ target }) => !existsSync(join(root, target)))
      const lines = dead.map(({ index, path }) => ({
        at: `${page}:${text.slice(0, index).split('\n').length}`,
        path,
      }))
      return lines.filter(
        ({ at, path }, i) => lines.findIndex((one) => one.at === at && one.path === path) === i,
      )
    })
}

if (import.meta.main) {
  const dead = findDeadPaths(PROJECT_ROOT)
  for (const { at, path } of dead) console.log(`${at}: there is no ${path}`)
  if (dead.length > 0) process.exitCode = 1
}
