import { readFileSync } from 'node:fs'
import type { Checker } from './checker.ts'
import { checkers } from './registry.ts'

/** What a run prints and ends with: exit code 0, 1 after a failure, 2 for a file that is not understood. */
export interface Outcome {
  readonly lines: readonly string[]
  readonly exitCode: 0 | 1 | 2
}

/** Checks vector files against the project. */
export function conformance(files: readonly string[], known: readonly Checker[] = checkers): Outcome {
  if (files.length === 0) {
    return {
      lines: ['usage: pnpm conformance FILE…  (vector files of SDS, Leopard or segments)'],
      exitCode: 2,
    }
  }
  const lines: string[] = []
  let passed = 0
  let failed = 0
  let misunderstood = false
  for (const file of files) {
    const read = open(file)
    const checker =
      read.document === undefined ? undefined : known.find((one) => one.recognises(read.document))
    if (checker === undefined) {
      const kinds = known.map(({ name }) => name).join(', ')
      lines.push(`${file}: ${read.problem ?? `not a vector file of a known kind (${kinds})`}`)
      misunderstood = true
      continue
    }
    try {
      for (const { name, failure } of checker.check(read.document)) {
        if (failure === undefined) passed++
        else {
          failed++
          lines.push(`${file}: ${checker.name}: ${name}: ${failure}`)
        }
      }
    } catch (error) {
      lines.push(
        `${file}: not in the form of ${checker.name}: ${error instanceof Error ? error.message : String(error)}`,
      )
      misunderstood = true
    }
  }
  lines.push(`${passed} passed, ${failed} failed`)
  return { lines, exitCode: misunderstood ? 2 : failed > 0 ? 1 : 0 }
}

function open(file: string): { readonly document?: unknown; readonly problem?: string } {
  try {
    return { document: JSON.parse(readFileSync(file, 'utf8')) as unknown }
  } catch (error) {
    return {
      problem: error instanceof SyntaxError ? 'not JSON' : `cannot be read: ${(error as Error).message}`,
    }
  }
}
