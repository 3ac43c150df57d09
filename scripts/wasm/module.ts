import { name, section, unsigned, vector, type Code } from './encoding.ts'

const TYPES = { i32: 0x7f, i64: 0x7e, v128: 0x7b }

const MAGIC: Code = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0]

export type ValueType = keyof typeof TYPES

/** One function that returns nothing; `export` names those that JavaScript may call. */
export class WasmFunction {
  readonly export: string | undefined
  readonly parameters: readonly ValueType[]
  readonly #locals: ValueType[] = []
  body: Code = []

  constructor(parameters: readonly ValueType[], exportName?: string) {
    this.parameters = parameters
    this.export = exportName
  }

  /** Declares a local variable and returns its index. */
  local(type: ValueType): number {
    return this.parameters.length + this.#locals.push(type) - 1
  }

  /** Declares `count` local variables of one type. */
  locals(type: ValueType, count: number): number[] {
    return Array.from({ length: count }, () => this.local(type))
  }

  encode(): Code {
    const declarations = this.#locals.map((type) => [1, TYPES[type]])
    const content = [...vector(declarations), ...this.body, 0x0b]
    return [...unsigned(content.length), ...content]
  }
}

export interface WasmModule {
  readonly functions: readonly WasmFunction[]
  /** Pages of 64 KiB at the start and at most; exported as `memory`. */
  readonly pages: { readonly initial: number; readonly maximum: number }
  /** Bytes that memory holds from the start. */
  readonly data?: { readonly address: number; readonly bytes: Code }
}

/** The binary of a module whose functions share one memory. */
export function assemble({ functions, pages, data }: WasmModule): Uint8Array {
  const types = functions.map(({ parameters }) => [
    0x60,
    ...vector(parameters.map((type) => [TYPES[type]])),
    0,
  ])
  const exports = functions.flatMap((fn, index) =>
    fn.export === undefined ? [] : [[...name(fn.export), 0x00, ...unsigned(index)]],
  )
  return Uint8Array.from([
    ...MAGIC,
    ...section(1, vector(types)),
    ...section(3, vector(functions.map((_, index) => unsigned(index)))),
    ...section(5, vector([[0x01, ...unsigned(pages.initial), ...unsigned(pages.maximum)]])),
    ...section(7, vector([[...name('memory'), 0x02, 0], ...exports])),
    ...section(10, vector(functions.map((fn) => fn.encode()))),
    ...(data === undefined ? [] : section(11, vector([segment(data)]))),
  ])
}

function segment({ address, bytes }: NonNullable<WasmModule['data']>): Code {
  return [0x00, 0x41, ...unsigned(address), 0x0b, ...unsigned(bytes.length), ...bytes]
}
