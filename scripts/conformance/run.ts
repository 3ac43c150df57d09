import { readFileSync } from 'node:fs'
import type { Checker } from './checker.ts'
import { checkers } from './registry.ts'
import { tracked } from './tracked.ts'

/** The lines that a run prints, and its end: exit code 0, 1 after a failure, 2 for a file that is not understood. */
export interface Outcome {
  readonly lines: readonly string[]
  readonly exitCode: 0 | 1 | 2
}

/** The result of one file. */
interface Report {
  readonly lines: readonly string[]
  readonly passed: number
  readonly failed: number
  /** It is no file of a known kind, or has a case that says too little, or none that could be checked. */
  readonly misunderstood: boolean
}

const USAGE = `Checks vector files of SDS, Leopard, segments or captures of logos-delivery, told apart by their content.

  npx pnpm@12 conformance FILE…

Prints a line for each case that fails and for what could not be checked. Exit code: 0 when all passed, 1 after a
failure, 2 for a file that is not understood.`

/** Checks vector files against the project. */
export function conformance(files: readonly string[], known: readonly Checker[] = checkers): Outcome {
  if (files.length === 0 || files.includes('--help'))
    return { lines: [USAGE], exitCode: files.length === 0 ? 2 : 0 }
  const reports = files.map((file) => checkFile(file, known))
  const lines = reports.flatMap((report, index) => report.lines.map((line) => `${files[index]}: ${line}`))
  const [passed, failed] = [sum(reports.map((one) => one.passed)), sum(reports.map((one) => one.failed))]
  lines.push(`${passed} passed, ${failed} failed`)
  const misunderstood = reports.some((report) => report.misunderstood)
  return { lines, exitCode: misunderstood ? 2 : failed > 0 ? 1 : 0 }
}

const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0)

function checkFile(file: string, known: readonly Checker[]): Report {
  const read = open(file)
  const checker =
    read.document === undefined ? undefined : known.find((one) => recognises(one, read.document))
  if (checker === undefined) {
    const kinds = known.map(({ name }) => name).join(', ')
    const line = read.problem ?? `not a vector file of a known kind (${kinds})`
    return { lines: [line], passed: 0, failed: 0, misunderstood: true }
  }
  const { document, unread } = tracked(read.document)
  const lines: string[] = []
  let passed = 0
  let failed = 0
  let misunderstood = false
  try {
    for (const { name, failure, unchecked, onPurpose = false } of checker.check(document)) {
      if (unchecked !== undefined) {
        misunderstood ||= !onPurpose
        lines.push(`${checker.name}: not checked: ${name}: ${unchecked}`)
      } else if (failure === undefined) passed++
      else {
        failed++
        lines.push(`${checker.name}: ${name}: ${failure}`)
      }
    }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return {
      lines: [...lines, `not in the form of ${checker.name}: ${message}`],
      passed,
      failed,
      misunderstood: true,
    }
  }
  for (const { place, count, isStructure } of unread()) {
    const unknown = isStructure ? 'a kind of case that is not known here' : 'not known here'
    lines.push(`${checker.name}: not checked: ${place} (${count}): ${checker.apart?.[place] ?? unknown}`)
  }
  if (passed + failed === 0) {
    misunderstood = true
    lines.push(`${checker.name}: there is no case in it that could be checked`)
  }
  return { lines, passed, failed, misunderstood }
}

function recognises(checker: Checker, document: unknown): boolean {
  try {
    return checker.recognises(document)
  } catch {
    // A list that holds something else than objects, for instance.
    return false
  }
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
