import { seededRandom } from '@reliable-channels/simulator'
import type { AllocationMeter } from './allocations.ts'
import { Mutator } from './mutate.ts'
import { sizeOf } from './size-of.ts'
import { Flaw, type FuzzTarget, hold } from './target.ts'

/** An input that does what none may do. */
export interface Finding {
  readonly target: string
  readonly seed: number
  readonly round: number
  /** Which input of the round it was, and its bytes; none when it showed at the end of the round. */
  readonly index: number | undefined
  readonly input: Uint8Array | undefined
  readonly error: unknown
}

/** What a round took. */
export interface RoundResult {
  readonly inputs: number
  readonly bytes: number
  readonly finding: Finding | undefined
}

/** Options of {@link runRound}. */
export interface RoundOptions {
  readonly seed: number
  readonly round: number
  /** Most inputs of it; @default the target's */
  readonly inputs?: number
  /** Counts what is allocated, where that is wanted. */
  readonly meter?: AllocationMeter | undefined
  /** Told of each input before it is taken. */
  readonly before?: (input: Uint8Array) => void
}

/** Runs one round of a target: the same seed and round make the same inputs. */
export async function runRound(target: FuzzTarget, options: RoundOptions): Promise<RoundResult> {
  const { seed, round, inputs = target.roundInputs, meter, before } = options
  const random = seededRandom(seed, `${target.name}/${round}`)
  const subject = await target.open(seededRandom(seed, `${target.name}/${round}/subject`))
  const mutator = new Mutator(target.seeds(), random)
  let bytes = 0
  const found = (error: unknown, index?: number, input?: Uint8Array): RoundResult => ({
    inputs: index === undefined ? inputs : index + 1,
    bytes,
    finding: { target: target.name, seed, round, index, input, error },
  })
  for (let index = 0; index < inputs; index++) {
    const input = mutator.next()
    bytes += input.length
    before?.(input)
    // Whoever changes what it was given is found out.
    const given = input.slice()
    try {
      meter?.take()
      const taken = subject.take(given)
      const answer = taken instanceof Promise ? await taken : taken
      const most = target.perByte * input.length + target.besides
      const allocated = meter?.take() ?? 0
      hold(allocated <= most, `${allocated} bytes allocated for an input of ${input.length}`)
      hold(sizeOf(answer, most) <= most, `more than ${most} bytes made of an input of ${input.length}`)
      hold(Buffer.compare(given, input) === 0, 'the input was changed')
    } catch (error) {
      return found(error, index, input)
    }
  }
  try {
    await subject.end?.()
  } catch (error) {
    return found(error)
  }
  return { inputs, bytes, finding: undefined }
}

/** Says in one line what was found. */
export function tell({ error, index, input }: Finding): string {
  const text =
    error instanceof Flaw
      ? error.message
      : error instanceof Error
        ? (error.stack ?? error.message)
        : String(error)
  return index === undefined ? `at the end: ${text}` : `input ${index}, ${input?.length} bytes: ${text}`
}

/** The command that brings it back. */
export const commandOf = ({ target, seed, round }: Finding): string =>
  `npx pnpm@12 fuzz --target ${target} --seed ${seed} --round ${round}`
