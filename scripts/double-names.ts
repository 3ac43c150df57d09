import { readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { parseSync } from 'vite'
import type { Tree } from './imports.ts'
import { sourceFiles, workspacePackages } from './project.ts'

/** Names that several files may export, each with why. */
export const doubleNames: Readonly<Record<string, string>> = {
  check: 'each package checks options with an error of its own',
  Bench: 'the bench of a conformance suite',
  Case: 'a case of a conformance suite',
  Implementation: 'keccak and leopard both have WebAssembly and a fallback',
  implementation: 'keccak and leopard both have WebAssembly and a fallback',
  FILTER_PUSH: 'both ends of a protocol, so that each is tested against the other',
  FILTER_SUBSCRIBE: 'both ends of a protocol, so that each is tested against the other',
  STORE: 'both ends of a protocol, so that each is tested against the other',
  MAX_META_BYTES: 'both ends of a protocol, so that each is tested against the other',
  asError: 'a line for each of two packages that have no common ground',
}

/** Names that more than one file of the packages exports: `NAME: file, file`. */
export function findDoubleNames(root: string): Map<string, string[]> {
  const filesOf = new Map<string, string[]>()
  for (const { folder } of workspacePackages(root)) {
    if (!folder.startsWith('packages/')) continue
    for (const path of sourceFiles(join(root, folder), 'src/**/*.ts')) {
      if (/\.(test|bench|generated)\.ts$/.test(path)) continue
      const file = posix.join(folder, path)
      for (const name of declaredExports(file, readFileSync(join(root, file), 'utf8'))) {
        filesOf.set(name, [...(filesOf.get(name) ?? []), file])
      }
    }
  }
  return new Map(
    [...filesOf].filter(([, files]) => files.length > 1).toSorted(([a], [b]) => (a < b ? -1 : 1)),
  )
}

/** Names that break the rule, one line each; also exceptions that are none any more. */
export function doubleNameProblems(root: string, exceptions = doubleNames): string[] {
  const found = findDoubleNames(root)
  return [
    ...[...found]
      .filter(([name]) => exceptions[name] === undefined)
      .map(([name, files]) => `${name} is exported by ${files.join(' and ')}: give one another name`),
    ...Object.keys(exceptions)
      .filter((name) => !found.has(name))
      .map((name) => `${name} is exported once: take it off the exceptions in scripts/double-names.ts`),
  ]
}

/** Names of the functions, classes, types and constants that a file declares and exports; overloads count once. */
function declaredExports(file: string, source: string): Set<string> {
  const names = new Set<string>()
  for (const statement of parseSync(file, source).program.body as unknown as readonly Tree[]) {
    const declaration = statement['declaration'] as Tree | null | undefined
    if (statement.type !== 'ExportNamedDeclaration' || !declaration) continue
    const declared = (declaration['declarations'] as readonly Tree[] | undefined) ?? [declaration]
    for (const { id } of declared as readonly { readonly id?: { readonly name?: string } }[]) {
      if (id?.name !== undefined) names.add(id.name)
    }
  }
  return names
}
