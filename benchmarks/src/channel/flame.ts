import { Session } from 'node:inspector/promises'
import type { Profiler } from 'node:inspector'

/** Shares of the time of a run, from 0 to 1, by name, the largest first. */
export interface Flame {
  /** Of each package, of what they depend on, of Node.js, and of the garbage collector. */
  readonly packages: readonly Share[]
  /** Of the functions that took most, each alone. */
  readonly functions: readonly Share[]
}

export interface Share {
  readonly name: string
  readonly share: number
}

/** Functions that are told. */
const MOST_FUNCTIONS = 25

/** Profiles a run in this process. */
export async function profiled<T>(run: () => Promise<T>): Promise<{ result: T; flame: Flame }> {
  const session = new Session()
  session.connect()
  await session.post('Profiler.enable')
  await session.post('Profiler.start')
  const result = await run()
  const { profile } = await session.post('Profiler.stop')
  session.disconnect()
  return { result, flame: flameOf(profile) }
}

/** The shares of a CPU profile; time in which nothing was computed does not count. */
export function flameOf({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): Flame {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]))
  const packages = new Map<string, number>()
  const functions = new Map<string, number>()
  let total = 0
  for (const [index, id] of samples.entries()) {
    const frame = frames.get(id)!
    const us = timeDeltas[index] ?? 0
    if (frame.functionName === '(idle)') continue
    total += us
    add(packages, packageOf(frame), us)
    add(functions, nameOf(frame), us)
  }
  return { packages: shares(packages, total), functions: shares(functions, total).slice(0, MOST_FUNCTIONS) }
}

type Frame = Profiler.Profile['nodes'][number]['callFrame']

function packageOf({ functionName, url }: Frame): string {
  if (functionName === '(garbage collector)') return 'garbage collector'
  if (functionName === '(program)') return 'native code'
  // Keccak is the only one of ours.
  if (url.startsWith('wasm://')) return 'WebAssembly'
  const dependency = /node_modules\/(?:\.pnpm\/)?(?:[^/]*\/node_modules\/)?((?:@[^/]+\/)?[^/]+)/.exec(
    url,
  )?.[1]
  if (dependency !== undefined) return dependency
  const ours = /\/packages\/([^/]+)\//.exec(url)?.[1]
  if (ours !== undefined) return ours
  return url === '' || url.startsWith('node:') ? 'Node.js' : 'the benchmark'
}

const nameOf = ({ functionName, url, lineNumber }: Frame): string =>
  `${functionName || '(anonymous)'} ${url.replace(/^.*\/(?:packages|node_modules)\//, '')}:${lineNumber + 1}`

function add(to: Map<string, number>, name: string, us: number): void {
  to.set(name, (to.get(name) ?? 0) + us)
}

const shares = (all: ReadonlyMap<string, number>, total: number): readonly Share[] =>
  [...all].map(([name, us]) => ({ name, share: us / total })).sort((a, b) => b.share - a.share)
