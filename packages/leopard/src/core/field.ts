/**
 * A field GF(2^bits) whose elements are written as coordinates in a Cantor basis: bit i of a number says
 * whether the i-th basis element takes part. Addition is XOR in any basis; this one makes the polynomials
 * that vanish on a subspace trivial (see {@link vanishing}), and with them the whole code.
 */
export interface Field {
  readonly bits: 8 | 16
  readonly order: number
  /** The largest logarithm plus one. */
  readonly modulus: number
  /** Discrete logarithm of each element; that of 0 is `modulus`, which means "none". */
  readonly log: Uint16Array
  /** Element of each logarithm, twice over, so that a sum of two needs no reduction. */
  readonly exp: Uint16Array
}

interface Definition {
  readonly bits: 8 | 16
  readonly polynomial: number
  readonly basis: readonly number[]
}

const GF8: Definition = { bits: 8, polynomial: 0x11d, basis: [1, 214, 152, 146, 86, 200, 88, 230] }

const GF16: Definition = {
  bits: 16,
  polynomial: 0x1002d,
  basis: [
    0x0001, 0xacca, 0x3c0e, 0x163e, 0xc582, 0xed2e, 0x914c, 0x4012, 0x6c98, 0x10d8, 0x6a72, 0xb900, 0xfdb8,
    0xfb34, 0xff38, 0x991e,
  ],
}

const built = new Map<number, Field>()

/** The field of 256 or 65,536 elements that Leopard uses; its tables are made at first use. */
export function field(bits: 8 | 16): Field {
  const known = built.get(bits) ?? build(bits === 8 ? GF8 : GF16)
  built.set(bits, known)
  return known
}

function build({ bits, polynomial, basis }: Definition): Field {
  const order = 2 ** bits
  const modulus = order - 1
  const logOfPolynomial = new Uint16Array(order)
  for (let power = 1, log = 0; log < modulus; log++) {
    logOfPolynomial[power] = log
    power <<= 1
    if (power >= order) power ^= polynomial
  }

  const polynomialOf = new Uint16Array(order)
  const log = new Uint16Array(order).fill(modulus, 0, 1)
  const exp = new Uint16Array(2 * modulus)
  for (let element = 1; element < order; element++) {
    const top = 31 - Math.clz32(element)
    polynomialOf[element] = polynomialOf[element ^ (1 << top)]! ^ basis[top]!
    const power = logOfPolynomial[polynomialOf[element]!]!
    log[element] = power
    exp[power] = element
    exp[power + modulus] = element
  }
  return { bits, order, modulus, log, exp }
}

/** Product of two elements. */
export function multiply({ log, exp }: Field, a: number, b: number): number {
  return a === 0 || b === 0 ? 0 : exp[log[a]! + log[b]!]!
}

/** Quotient of two elements; `b` must not be 0. */
export function divide({ log, exp, modulus }: Field, a: number, b: number): number {
  return a === 0 ? 0 : exp[log[a]! + modulus - log[b]!]!
}

/**
 * The polynomial of degree 2^level that is 0 on the elements 0 … 2^level − 1, at `element`. In a Cantor
 * basis b it obeys s(x)² + s(x) with b_i² + b_i = b_(i−1): it shifts the coordinates down.
 */
export function vanishing(level: number, element: number): number {
  return element >>> level
}
