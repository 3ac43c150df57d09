import type { Code } from '../../../scripts/wasm/encoding.ts'
import { i32, i64, local, loopWhile } from '../../../scripts/wasm/instructions.ts'
import { assemble, WasmFunction } from '../../../scripts/wasm/module.ts'
import { COMPLEMENTED_LANES, INPUT_ADDRESS, RATE_LANES, STATE_ADDRESS } from '../src/core/layout.ts'
import { complementedAfterTheta, ROTATIONS, ROUND_CONSTANTS } from './permutation.ts'

const SCRATCH_ADDRESS = 256
const CONSTANTS_ADDRESS = 512

/**
 * The kernel: `absorb(blocks)` takes that many blocks of 136 bytes from the input area into the state.
 *
 * The state stays in linear memory, because 25 lanes fit no register file; a round reads one copy and
 * writes the other, so two rounds make a loop that ends where it began. While a round writes its rows it
 * sums up the columns that the next one needs. Longer unrolling is slower: it outgrows the code cache.
 */
export function keccakKernel(): Uint8Array {
  const absorb = new WasmFunction(['i32'], 'absorb')
  const blocks = 0
  const input = absorb.local('i32')
  const constants = absorb.local('i32')
  const round = roundWriter(absorb)

  absorb.body = [
    ...local.set(input, i32.const(INPUT_ADDRESS)),
    ...loopWhile([
      ...xorInput(local.get(input)),
      ...round.sumColumns(STATE_ADDRESS),
      ...local.set(constants, i32.const(CONSTANTS_ADDRESS)),
      ...loopWhile([
        ...round.write(STATE_ADDRESS, SCRATCH_ADDRESS, i64.load(local.get(constants))),
        ...round.write(SCRATCH_ADDRESS, STATE_ADDRESS, i64.load(local.get(constants), 8)),
        ...i32.ne(
          local.tee(constants, i32.add(local.get(constants), i32.const(16))),
          i32.const(CONSTANTS_ADDRESS + 8 * ROUND_CONSTANTS.length),
        ),
      ]),
      ...local.set(input, i32.add(local.get(input), i32.const(8 * RATE_LANES))),
      ...local.tee(blocks, i32.sub(local.get(blocks), i32.const(1))),
    ]),
  ]
  const data = Array.from(new Uint8Array(BigUint64Array.from(ROUND_CONSTANTS).buffer))
  return assemble({
    functions: [absorb],
    pages: { initial: 1, maximum: 1 },
    data: { address: CONSTANTS_ADDRESS, bytes: data },
  })
}

const lane = (base: number, index: number): Code => i64.load(i32.const(0), base + 8 * index)
const setLane = (base: number, index: number, value: Code): Code =>
  i64.store(i32.const(0), value, base + 8 * index)

function xorInput(input: Code): Code {
  return Array.from({ length: RATE_LANES }, (_, index) =>
    setLane(STATE_ADDRESS, index, i64.xor(lane(STATE_ADDRESS, index), i64.load(input, 8 * index))),
  ).flat()
}

/** Theta, rho, pi, chi and iota, with local variables of `fn` for five columns, five sums and one row. */
function roundWriter(fn: WasmFunction) {
  const columns = fn.locals('i64', 5)
  const thetas = fn.locals('i64', 5)
  const row = fn.locals('i64', 5)
  const negated = fn.locals('i64', 5)
  const at = (variables: readonly number[], index: number): number => variables[index % 5]!
  const get = (variables: readonly number[], index: number): Code => local.get(at(variables, index))

  const sumColumns = (base: number): Code =>
    columns.flatMap((column, x) =>
      local.set(
        column,
        [1, 2, 3, 4].reduce((sum, y) => i64.xor(sum, lane(base, x + 5 * y)), lane(base, x)),
      ),
    )

  const theta = (): Code =>
    thetas.flatMap((variable, x) =>
      local.set(variable, i64.xor(get(columns, x + 4), i64.rotl(get(columns, x + 1), i64.const(1n)))),
    )

  /** Row `y` after pi: lane (x, y) comes from ((x + 3y) mod 5, x). */
  const rhoPi = (from: number, y: number): { code: Code; flags: boolean[] } => {
    const sources = row.map((_, x) => ((x + 3 * y) % 5) + 5 * x)
    const code = sources.flatMap((source, x) => {
      const mixed = i64.xor(lane(from, source), get(thetas, source))
      const turn = ROTATIONS[source]!
      return local.set(row[x]!, turn === 0n ? mixed : i64.rotl(mixed, i64.const(turn)))
    })
    return { code, flags: sources.map((source) => complementedAfterTheta(source)) }
  }

  /**
   * Chi of one lane, a ^ (~b & c), on lanes of which some are held complemented. De Morgan turns most
   * complements into a choice between AND and OR; those that remain are computed once a row.
   */
  const chi = (x: number, y: number, flags: readonly boolean[], known: Set<number>): Code => {
    const not = (index: number): Code => {
      if (known.has(index % 5)) return get(negated, index)
      known.add(index % 5)
      return local.tee(at(negated, index), i64.xor(get(row, index), i64.const(-1n)))
    }
    const [b, c] = [flags[(x + 1) % 5]!, flags[(x + 2) % 5]!]
    const flipped = flags[x]! !== COMPLEMENTED_LANES.includes(x + 5 * y)
    if (b !== c) {
      // One of the two is complemented: ~b & c is either B & C, or the complement of B | C.
      const term = (b ? i64.and : i64.or)(get(row, x + 1), get(row, x + 2))
      return i64.xor(flipped === c ? get(row, x) : not(x), term)
    }
    const term = flipped ? i64.or : i64.and
    const negateFirst = b === flipped
    return i64.xor(
      get(row, x),
      negateFirst ? term(not(x + 1), get(row, x + 2)) : term(get(row, x + 1), not(x + 2)),
    )
  }

  const result = fn.local('i64')
  const storeAndSum = (to: number, x: number, y: number, value: Code): Code => {
    const column = at(columns, x)
    if (y === 0) return setLane(to, x, local.tee(column, value))
    return [
      ...setLane(to, x + 5 * y, local.tee(result, value)),
      ...local.set(column, i64.xor(local.get(column), local.get(result))),
    ]
  }

  const write = (from: number, to: number, constant: Code): Code => {
    const code = [...theta()]
    for (let y = 0; y < 5; y++) {
      const { code: gather, flags } = rhoPi(from, y)
      const known = new Set<number>()
      code.push(...gather)
      for (let x = 0; x < 5; x++) {
        const mixed = chi(x, y, flags, known)
        code.push(...storeAndSum(to, x, y, x + y === 0 ? i64.xor(mixed, constant) : mixed))
      }
    }
    return code
  }

  return { sumColumns, write }
}
