/** A round on file: a line that says which, then one for each thing that happened to a frame. */
import { readFile } from 'node:fs/promises'
import type { Frame } from '../campaign/frames.ts'
import { type Recipe, UsageError } from './command-line.ts'

/** Which round it is. */
export interface TraceHead extends Recipe {
  readonly seed: number
}

/** The lines of a file for a round and its frames. */
export function traceLines({ preset, own, seed }: TraceHead, frames: readonly Frame[]): string {
  return [{ preset, own, seed }, ...frames].map((line) => `${JSON.stringify(line)}\n`).join('')
}

/** A round that was read from a file, with which another run of it is compared. */
export interface Trace {
  readonly head: TraceHead
  /** Lines of frames. */
  readonly count: number
  /** How a run differs from it, in words; `undefined` where it does not. */
  difference(frames: readonly Frame[]): string | undefined
}

/** Reads such a file. */
export async function readTrace(path: string): Promise<Trace> {
  const text = await readFile(path, 'utf8').catch((error: Error) => {
    throw new UsageError(`cannot read ${path}: ${error.message}`)
  })
  const [first = '', ...lines] = text.trimEnd().split('\n')
  const head = headOf(first)
  if (head === undefined) throw new UsageError(`${path} is not a file that --trace wrote`)
  return {
    head,
    count: lines.length,
    difference(frames) {
      for (let at = 0; at < Math.max(lines.length, frames.length); at++) {
        const was = lines[at] ?? 'the end'
        const is = at < frames.length ? JSON.stringify(frames[at]) : 'the end'
        if (was !== is) return `line ${at + 2} was\n  ${was}\nand is now\n  ${is}`
      }
      return undefined
    },
  }
}

function headOf(line: string): TraceHead | undefined {
  try {
    const { preset, own, seed } = JSON.parse(line) as Partial<TraceHead>
    return typeof preset === 'string' && typeof own === 'object' && typeof seed === 'number'
      ? { preset, own, seed }
      : undefined
  } catch {
    return undefined
  }
}
